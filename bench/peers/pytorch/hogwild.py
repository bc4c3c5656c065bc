"""Hogwild training in PyTorch: processes that share one model and step it without locks.

After the idea of PyTorch's own MNIST Hogwild example: `model.share_memory()`, one SGD with momentum of its own in each
process. Kinder to PyTorch than the example: the data set is a tensor in shared memory (no data loader), there is no
dropout, the optimizer is the fused one, processes may be forked (no second import of the library), and convolutions
may run channels last, which is 1.5 times as fast for LeNet.
"""

import os
import time

import torch
import torch.multiprocessing as mp
from torch.nn import functional as F

from mnist import read_split
from nets import NETS, memory_format

EVALUATION_BATCH = 250

# A process that has not come up by then has failed.
READY_SECONDS = 120


def work(rank, model, data, job, shared):
    """Trains until this process has done its share of the updates, or until it is told to stop."""
    torch.set_num_threads(1)
    images, labels = data
    batch_size = job["batchSize"]
    share = job["maxUpdates"] // job["processes"] + (rank < job["maxUpdates"] % job["processes"])
    generator = torch.Generator().manual_seed(job["seed"] * 1000 + rank)
    optimizer = torch.optim.SGD(model.parameters(), lr=job["learningRate"], momentum=job["momentum"], fused=True)
    parent = os.getppid()
    position, order = len(labels), None
    done = 0
    shared["ready"].wait()
    # A parent that is gone, however it ended, ends its workers.
    while done < share and not shared["stop"].item() and os.getppid() == parent:
        if position + batch_size > len(labels):
            order = torch.randperm(len(labels), generator=generator)
            position = 0
        batch = order[position : position + batch_size]
        position += batch_size
        optimizer.zero_grad()
        F.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
        done += 1
        shared["updates"][rank] = done
        if done == 1:
            shared["first"][rank] = time.time()
    shared["end"][rank] = time.time()


def accuracy(model, data):
    """Share of right answers, read from the shared parameters as they are at each minibatch."""
    images, labels = data
    correct = 0
    with torch.no_grad():
        for i in range(0, len(labels), EVALUATION_BATCH):
            answers = model(images[i : i + EVALUATION_BATCH]).argmax(1)
            correct += (answers == labels[i : i + EVALUATION_BATCH]).sum().item()
    return correct / len(labels)


def memory_bytes(processes):
    """Proportional set size of the given processes together: a page that k processes share counts 1/k to each.

    None where the system has no such figure.
    """
    total = 0
    try:
        for pid in processes:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) * 1024
    except OSError:
        return None
    return total


def watch(model, test, job, workers, begin):
    """Evaluates until the target is reached or all workers have ended.

    Returns the last accuracy, and the seconds from `begin` to the target or None.
    """
    while True:
        workers[0].join(job["evalEverySeconds"])
        running = any(worker.is_alive() for worker in workers)
        last = accuracy(model, test)
        if last >= job["targetAccuracy"]:
            return last, time.time() - begin
        if not running:
            return last, None


def train(directory, job):
    """Runs one training.

    `job`: net, channelsLast, processes, batchSize, learningRate, momentum, seed, maxUpdates (all processes together),
    start ("fork" or "spawn"), targetAccuracy or None, evalEverySeconds (pause between two evaluations of the test set,
    where there is a target), startUpOnly (end as soon as each process has made one update, and measure memory there).
    """
    context = mp.get_context(job["start"])
    torch.manual_seed(job["seed"])
    data, test = read_split(directory, "train"), read_split(directory, "t10k")
    model = NETS[job["net"]]().to(memory_format=memory_format(job))
    model.share_memory()
    count = job["processes"]
    shared = {
        "updates": torch.zeros(count, dtype=torch.int64).share_memory_(),
        "first": torch.zeros(count, dtype=torch.float64).share_memory_(),
        "end": torch.zeros(count, dtype=torch.float64).share_memory_(),
        "stop": torch.zeros(1, dtype=torch.int64).share_memory_(),
        "ready": context.Barrier(count + 1),
    }
    workers = [
        context.Process(target=work, args=(rank, model, data, job, shared), daemon=True) for rank in range(count)
    ]
    for worker in workers:
        worker.start()
    shared["ready"].wait(READY_SECONDS)
    begin = time.time()
    last, reached, memory = None, None, None
    if job["startUpOnly"]:
        while not shared["first"].all() and all(worker.is_alive() for worker in workers):
            time.sleep(0.01)
        memory = memory_bytes([os.getpid()] + [worker.pid for worker in workers])
        shared["stop"][0] = 1
    elif job["targetAccuracy"] is not None:
        last, reached = watch(model, test, job, workers, begin)
        shared["stop"][0] = 1
    for worker in workers:
        worker.join()
    if any(worker.exitcode != 0 for worker in workers):
        raise RuntimeError(f"workers ended with {[worker.exitcode for worker in workers]}")
    seconds = shared["end"].max().item() - begin
    updates = shared["updates"].sum().item()
    return {
        "updates": updates,
        "seconds": seconds,
        "updatesPerSecond": updates / seconds,
        "reachedSeconds": reached,
        "accuracy": accuracy(model, test) if last is None else last,
        "firstUpdates": shared["first"].tolist(),
        "memoryBytes": memory,
    }
