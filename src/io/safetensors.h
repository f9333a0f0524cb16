// safetensors files: named tensors as PyTorch writes and reads them. Layout: u64 little-endian length of a
// JSON header, the header {"name": {"dtype", "shape", "data_offsets": [begin, end]}}, then the numbers.
// Nothing in such a file runs. https://github.com/huggingface/safetensors (format)
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "rnn/network.h"

namespace ribostep::io {

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;  // empty: a single number
  std::vector<double> values;       // row-major; double holds f16, bf16, f32 and f64 exactly
};

inline constexpr std::size_t kMaxTensorHeader = 1u << 20u;
inline constexpr std::size_t kMaxTensors = 4096;

// F16, BF16, F32 and F64 are read. Empty with an Error when the file is cut off, its header lies about sizes,
// or a tensor has another type.
std::vector<NamedTensor> read_safetensors(std::span<const std::uint8_t> bytes, Diagnostics& diagnostics);
enum class TensorType : std::uint8_t { Float32, Float64 };
std::vector<std::uint8_t> write_safetensors(const std::vector<NamedTensor>& tensors, TensorType type);

// A network's flat buffer as tensors in PyTorch's names, and back. Back: an Error for every name that is
// missing and every shape that does not fit; names the network does not know are noted and left out.
std::vector<NamedTensor> to_tensors(const rnn::Network& net, std::span<const double> parameters);
std::optional<std::vector<double>> from_tensors(const rnn::Network& net,
                                                const std::vector<NamedTensor>& tensors,
                                                Diagnostics& diagnostics);

}  // namespace ribostep::io
