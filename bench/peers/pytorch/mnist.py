"""MNIST from its IDX files, as tensors in shared memory."""

import os

import numpy
import torch

# Mean and standard deviation of the training pixels in [0, 1].
MEAN, DEVIATION = 0.1307, 0.3081


def read_split(directory, prefix):
    """Images [N, 1, 28, 28] float32, standardised, and labels [N] int64."""

    def body(name, header):
        return numpy.fromfile(os.path.join(directory, name), dtype=numpy.uint8)[header:]

    images = torch.from_numpy(body(f"{prefix}-images-idx3-ubyte", 16)).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(body(f"{prefix}-labels-idx1-ubyte", 8)).long()
    if len(images) != len(labels):
        raise ValueError(f"{prefix} has {len(images)} images and {len(labels)} labels")
    images = images.float().div_(255).sub_(MEAN).div_(DEVIATION)
    return images.share_memory_(), labels.share_memory_()
