"""Training steps in PyTorch, asked in lines of words over standard input, as tests/bench/commands.h describes.
   make CELL HIDDEN LENGTH BATCH POOL | threads N | step N (ms a step) | version | drop
Started with "flush": denormals are flushed to zero, in the threads that PyTorch starts later as well."""
import math
import sys
import time

import torch

CELLS = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}


class Model(torch.nn.Module):
    def __init__(self, cell, hidden, pool):
        super().__init__()
        self.rnn = CELLS[cell](4, hidden, batch_first=True)
        self.readout = torch.nn.Linear(hidden, 2)
        self.pool = pool
        bound = 1 / math.sqrt(hidden)
        for p in self.parameters():
            torch.nn.init.uniform_(p, -bound, bound)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.readout(states.mean(1) if self.pool == "mean" else states[:, -1])


class Training:
    def __init__(self, cell, hidden, length, batch, pool):
        torch.manual_seed(1)
        self.model = Model(cell, hidden, pool)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        letters = torch.randint(0, 4, (batch, length))
        self.x = torch.nn.functional.one_hot(letters, 4).float()
        self.y = (letters[:, 0] < 2).long()

    def step(self):
        self.optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.model(self.x), self.y)
        loss.backward()
        self.optimiser.step()
        return loss.item()


def main():
    if "flush" in sys.argv[1:] and not torch.set_flush_denormal(True):
        sys.exit("this machine cannot flush denormals")
    training = None
    for line in sys.stdin:
        verb, *rest = line.split()
        answer = "ok"
        try:
            if verb == "version":
                answer = torch.__version__
            elif verb == "threads":
                torch.set_num_threads(int(rest[0]))
            elif verb == "make":
                training = None
                training = Training(rest[0], *map(int, rest[1:4]), rest[4])
            elif verb == "step":
                start = time.perf_counter()
                for _ in range(int(rest[0])):
                    loss = training.step()
                answer = str((time.perf_counter() - start) * 1000 / int(rest[0]))
                if not math.isfinite(loss):
                    answer = "error the loss is not finite"
            elif verb == "drop":
                training = None
            else:
                answer = "error not understood: " + line.strip()
        except Exception as error:  # told to the one who asked
            answer = f"error {type(error).__name__}: {error}"
        print(answer, flush=True)


main()
