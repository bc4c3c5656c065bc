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


class Block(nn.Module):
    """Two 3x3 convolutions with normalization around a shortcut, which is projected where the stride is 2."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        # In the order in which TensorFlow.js lists the weights.
        self.a_conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1 if stride == 1 else 0, bias=False)
        self.a_norm = nn.BatchNorm2d(outputs)
        self.b_conv = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.c_conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if stride > 1 else None
        self.b_norm = nn.BatchNorm2d(outputs)
        self.c_norm = nn.BatchNorm2d(outputs) if stride > 1 else None

    def forward(self, x):
        # TensorFlow pads for stride 2 after the image alone.
        padded = x if self.c_conv is None else nn.functional.pad(x, (0, 1, 0, 1))
        y = self.b_norm(self.b_conv(torch.relu(self.a_norm(self.a_conv(padded)))))
        return torch.relu(y + (x if self.c_conv is None else self.c_norm(self.c_conv(x))))


class ResNet20(nn.Module):
    """A convolution, three stages of three blocks with 16, 32 and 64 channels, the mean of all pixels, 10 logits."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(
            *[Block(16, 16, 1) for _ in range(3)],
            *[Block(16 if i == 0 else 32, 32, 2 if i == 0 else 1) for i in range(3)],
            *[Block(32 if i == 0 else 64, 64, 2 if i == 0 else 1) for i in range(3)],
        )
        self.dense = nn.Linear(64, 10)

    def forward(self, x):
        return self.dense(self.blocks(torch.relu(self.norm(self.conv(x)))).mean((2, 3)))


class CharLSTM(nn.Module):
    """An embedding of 65 characters in 128 numbers, two LSTMs of 128 units, 65 logits at each step."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(65, 128)
        self.lstm = nn.LSTM(128, 128, num_layers=2, batch_first=True)
        self.dense = nn.Linear(128, 65)
        # TensorFlow.js has one bias a layer.
        for name, p in self.lstm.named_parameters():
            if name.startswith("bias_hh"):
                nn.init.zeros_(p)
                p.requires_grad_(False)

    def forward(self, x):
        return self.dense(self.lstm(self.embedding(x))[0])


NETS = {
    "lenet": LeNet,
    "mlp-small": lambda: mlp(784, 128, 10),
    "mlp-large": lambda: mlp(784, 512, 512, 10),
    "resnet20": ResNet20,
    "char-lstm": CharLSTM,
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
    return tensor.t() if tensor.dim() == 2 and name != "embedding.weight" else tensor


def from_tfjs(name, flat, shape):
    """The inverse of `to_tfjs`, from a flat slice to a parameter of the given shape."""
    if len(shape) == 4:
        outputs, inputs, height, width = shape
        return flat.reshape(height, width, inputs, outputs).permute(3, 2, 0, 1)
    if len(shape) == 1:
        return flat
    if name == "embedding.weight":
        return flat.reshape(shape)
    weight = flat.reshape(shape[1], shape[0]).t()
    if name == "fc1.weight" and shape[1] == 320:
        weight = weight.reshape(-1, 4, 4, 20).permute(0, 3, 1, 2).reshape(-1, 320)
    return weight


def trained(model):
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def flat_gradient(model):
    return torch.cat([to_tfjs(name, p.grad).reshape(-1) for name, p in trained(model)])


def load_flat(model, flat):
    """Overwrites all parameters with a flat vector in TensorFlow.js layout."""
    expected = sum(p.numel() for _, p in trained(model))
    if flat.numel() != expected:
        raise ValueError(f"the net has {expected} parameters, received {flat.numel()}")
    offset = 0
    with torch.no_grad():
        for name, p in trained(model):
            p.copy_(from_tfjs(name, flat[offset : offset + p.numel()], p.shape))
            offset += p.numel()
