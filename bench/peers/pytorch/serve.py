"""The PyTorch peer as a server: one JSON request a line on stdin, one JSON answer a line on stdout.

Requests:
  {"do": "versions"}                       → {"torch", "numpy", "python"}
  {"do": "load", "net", "channelsLast", "shape", "parameters", "features", "labels"}  → {"loss", "gradient"}
      base64 of little-endian float32 (labels int32, and features of two dimensions); shape of the features, channels
      last; parameters and gradient flat, in TensorFlow.js layout.
  {"do": "gradients", "seconds"}           → {"steps", "seconds"}: gradients at the point loaded last, one thread
  {"do": "memory"}                         → {"peakBytes", "proportionalBytes"} of this process; null where not known
  {"do": "train", ...}                     → see hogwild.py
A request that fails is answered with {"error": TEXT}. The server ends with its stdin.
"""

import base64
import json
import os
import platform
import sys
import time

import numpy
import torch
from torch.nn import functional as F

from hogwild import memory_bytes, train
from nets import NETS, flat_gradient, load_flat, memory_format


def decode(text, dtype):
    return torch.from_numpy(numpy.frombuffer(base64.b64decode(text), dtype=dtype).copy())


def peak_bytes():
    """Largest resident set of this process so far; None where the system has no such figure."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024
    except OSError:
        return None


class Server:
    def __init__(self, directory):
        self.directory = directory
        self.model = self.features = self.labels = None

    def versions(self, _):
        return {"torch": torch.__version__, "numpy": numpy.__version__, "python": platform.python_version()}

    def gradient(self):
        self.model.zero_grad()
        logits = self.model(self.features)
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), self.labels)
        loss.backward()
        return loss

    def load(self, request):
        self.model = NETS[request["net"]]().to(memory_format=memory_format(request))
        load_flat(self.model, decode(request["parameters"], "<f4"))
        if len(request["shape"]) == 2:  # sequences of indices
            self.features = decode(request["features"], "<i4").long().reshape(request["shape"])
        else:
            images = decode(request["features"], "<f4").reshape(request["shape"]).permute(0, 3, 1, 2)
            self.features = images.contiguous(memory_format=memory_format(request))
        self.labels = decode(request["labels"], "<i4").long()
        loss = self.gradient().item()
        gradient = flat_gradient(self.model).numpy().astype("<f4").tobytes()
        return {"loss": loss, "gradient": base64.b64encode(gradient).decode("ascii")}

    def gradients(self, request):
        steps = 0
        begin = now = time.perf_counter()
        while now - begin < request["seconds"]:
            self.gradient()
            steps += 1
            now = time.perf_counter()
        return {"steps": steps, "seconds": now - begin}

    def memory(self, _):
        return {"peakBytes": peak_bytes(), "proportionalBytes": memory_bytes([os.getpid()])}

    def train(self, request):
        return train(self.directory, request)


def main():
    torch.set_num_threads(1)
    server = Server(sys.argv[1])
    actions = {
        "versions": server.versions,
        "load": server.load,
        "gradients": server.gradients,
        "memory": server.memory,
        "train": server.train,
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = actions[request["do"]](request)
        except Exception as error:  # whatever goes wrong belongs to this request
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
