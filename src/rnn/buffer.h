// Where the numbers of a training step lie: buffers that grow to the largest batch seen and stay.
#pragma once
#include <cstddef>
#include <new>
#include <vector>

namespace ribostep::rnn {

// Starts on a cache line: in WebAssembly memory from new lies on 8 bytes, and every fourth vector would reach
// over the end of a line.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kLine); }
  bool operator==(const AlignedAllocator&) const { return true; }
};
template <class T>
using Buffer = std::vector<T, AlignedAllocator<T>>;

// Buffers grow to the largest batch seen and stay: no allocation inside a step after the first.
template <class B>
auto* grown(B& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}
constexpr std::size_t area(int rows, int cols) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
}

}  // namespace ribostep::rnn
