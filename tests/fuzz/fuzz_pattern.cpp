// Fuzz target of the pattern parser and of the stages behind it. From the repository's root:
//   clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
//     -Isrc -Itests tests/fuzz/fuzz_pattern.cpp src/bio/alphabet.cpp \
//     src/motif/{pattern,pattern_text,matcher,nfa,automaton_sets,dfa,automaton_text}.cpp -o /tmp/fuzz_pattern
//   mkdir -p /tmp/patterns && /tmp/fuzz_pattern -max_len=120 -timeout=60 -max_total_time=600 \
//     -dict=tests/fuzz/pattern.dict /tmp/patterns tests/fuzz/pattern_seeds
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/pattern_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string wrong = ribostep::motif::fuzz_pattern({reinterpret_cast<const char*>(data), size});
  if (!wrong.empty()) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
