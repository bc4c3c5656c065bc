"""The networks of the benchmarks, in PyTorch.

Parameters come and go as one flat float32 vector in the order and layout of TensorFlow.js (convolution kernels
HWIO, dense kernels [in, out], images flattened as height, width, channel), so that both sides can be compared at the
same point.
"""

import torch
from torch import nn


class LeNet(nn.Module):
    """conv 5x5 1-10, max-pool 2, relu, conv 5x5 10-20, max-pool 2, relu, dense 320-50, relu, dense 50-10."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = torch.relu(torch.max_pool2d(self.conv1(x), 2))
        x = torch.relu(torch.max_pool2d(self.conv2(x), 2))
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))


def mlp(*widths):
    layers = [nn.Flatten()]
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


NETS = {
    "lenet": LeNet,
    "mlp-small": lambda: mlp(784, 128, 10),
    "mlp-large": lambda: mlp(784, 512, 512, 10),
}


def memory_format(request):
    """How convolutions lay out their images; same numbers, another speed."""
    return torch.channels_last if request["channelsLast"] else torch.contiguous_format


def to_tfjs(name, tensor):
    """A parameter, or its gradient, in TensorFlow.js layout."""
    if tensor.dim() == 4:  # OIHW → HWIO
        return tensor.permute(2, 3, 1, 0)
    if name == "fc1.weight" and tensor.shape[1] == 320:  # its inputs are 20 channels of 4x4, channel first
        tensor = tensor.reshape(-1, 20, 4, 4).permute(0, 2, 3, 1).reshape(-1, 320)
    return tensor.t() if tensor.dim() == 2 else tensor


def from_tfjs(name, flat, shape):
    """The inverse of `to_tfjs`, from a flat slice to a parameter of the given shape."""
    if len(shape) == 4:
        outputs, inputs, height, width = shape
        return flat.reshape(height, width, inputs, outputs).permute(3, 2, 0, 1)
    if len(shape) == 1:
        return flat
    weight = flat.reshape(shape[1], shape[0]).t()
    if name == "fc1.weight" and shape[1] == 320:
        weight = weight.reshape(-1, 4, 4, 20).permute(0, 3, 1, 2).reshape(-1, 320)
    return weight


def flat_gradient(model):
    return torch.cat([to_tfjs(name, p.grad).reshape(-1) for name, p in model.named_parameters()])


def load_flat(model, flat):
    """Overwrites all parameters with a flat vector in TensorFlow.js layout."""
    expected = sum(p.numel() for p in model.parameters())
    if flat.numel() != expected:
        raise ValueError(f"the net has {expected} parameters, received {flat.numel()}")
    offset = 0
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(from_tfjs(name, flat[offset : offset + p.numel()], p.shape))
            offset += p.numel()
