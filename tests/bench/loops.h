// What the machine can do at best, in the same instructions as the kernels: the yardsticks of the bench.
#pragma once

namespace ribostep::bench {

double now_ms();

// GFLOP/s of chains x = x m + c that never leave their registers. `chains`: 4, 6, 8, 10, 12 or 14, else 0.
double register_gflops(int chains);

// GFLOP/s of the product that a step of a cell is made of: (rows x depth) by packed (depth x width).
double gemm_gflops(int rows, int depth, int width);

}  // namespace ribostep::bench
