#!/usr/bin/env python3
# Writes rnn_torch.txt: losses and gradients of small networks, 20 steps of each optimiser, and learning rates of the
# schedules, by PyTorch in double.
# Made with Debian 12's python3-torch 1.13.1:  /usr/bin/python3 tests/golden/rnn_torch.py
# Inputs are formulas both sides can write down: weight i of the flat buffer is frac(i * 2654435761 / 2^32) - 1/2.
import pathlib

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
SEQUENCES = [[0, 1, 2, 3, 1], [3, 3], [2, 0, 1, 0]]
LABELS = [2, 0, 1]
HIDDEN, CLASSES = 3, 3
lines = []


def write(name, values):
    lines.append(" ".join([name, str(len(values))] + [repr(float(v)) for v in values]))


def network(name, make, pool):
    rnn = make(4, HIDDEN, num_layers=2, bidirectional=True)
    readout = torch.nn.Linear(2 * HIDDEN, CLASSES)
    # PyTorch's own order of rnn.parameters() is level by level, forward before reverse: the flat buffer's.
    parameters = list(rnn.parameters()) + list(readout.parameters())
    i = 0
    with torch.no_grad():
        for p in parameters:
            for j in range(p.numel()):
                p.view(-1)[j] = (i * 2654435761 % 2**32) / 2**32 - 0.5
                i += 1
    x = torch.zeros(5, 3, 4)
    for b, tokens in enumerate(SEQUENCES):
        for t, token in enumerate(tokens):
            x[t, b, token] = 1
    lengths = torch.tensor([len(s) for s in SEQUENCES])
    out, h = rnn(pack_padded_sequence(x, lengths, enforce_sorted=False))
    h = h[0] if isinstance(h, tuple) else h
    states, _ = pad_packed_sequence(out)  # [5, 3, 2H], zeros beyond the end
    if pool == "last":
        features = torch.cat([h[2], h[3]], dim=1)
    elif pool == "mean":
        features = states.sum(0) / lengths.unsqueeze(1)
    else:
        features = torch.stack([states[: lengths[b], b].max(0).values for b in range(3)])
    loss = torch.nn.functional.cross_entropy(readout(features), torch.tensor(LABELS))
    loss.backward()
    write(f"{name}/{pool}/loss", [loss.item()])
    write(f"{name}/{pool}/gradient", torch.cat([p.grad.reshape(-1) for p in parameters]))


for pool in ["last", "mean", "max"]:
    network("elman", lambda *a, **k: torch.nn.RNN(*a, nonlinearity="tanh", **k), pool)
    network("elman_relu", lambda *a, **k: torch.nn.RNN(*a, nonlinearity="relu", **k), pool)
    network("lstm", torch.nn.LSTM, pool)
    network("gru", torch.nn.GRU, pool)


def optimise(name, make):
    p = torch.nn.Parameter(torch.tensor([0.5, -0.25, 1.0, 0.0, -2.0]))
    optimiser = make([p])
    for step in range(20):
        # A gradient that changes sign, plus one that depends on where the parameter is.
        g = torch.tensor([((7 * i + 13 * step) % 11 - 5) / 4 for i in range(5)])
        p.grad = g + 0.5 * p.detach()
        torch.nn.utils.clip_grad_norm_([p], 2.0)
        optimiser.step()
    write(f"optimiser/{name}", p.detach())


optimise("sgd", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01))
optimise("nesterov", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01, nesterov=True))
optimise("rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.95, eps=1e-8, weight_decay=0.01))
optimise("adam", lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01))
optimise("adamw", lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1))


def schedule(name, make, updates):
    p = torch.nn.Parameter(torch.tensor([1.0]))
    optimiser = torch.optim.SGD([p], lr=0.05)
    scheduler = make(optimiser)
    rates = []
    for _ in range(updates):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    write(f"schedule/{name}", rates)


LR = torch.optim.lr_scheduler
schedule("step", lambda o: LR.StepLR(o, step_size=4 * 7, gamma=0.3), 120)  # 4 epochs of 7 updates
schedule("cosine", lambda o: LR.CosineAnnealingLR(o, T_max=120), 120)
# 10 updates of warm-up from 1/10 of the rate to all of it, then the cosine over the other 110.
schedule(
    "warmup_cosine",
    lambda o: LR.SequentialLR(
        o,
        [LR.LinearLR(o, start_factor=0.1, end_factor=1.0, total_iters=9), LR.CosineAnnealingLR(o, T_max=110)],
        milestones=[10],
    ),
    120,
)

pathlib.Path(__file__).with_name("rnn_torch.txt").write_text("\n".join(lines) + "\n")
