// The bench as a WebAssembly module for a worker: one function, a line in, a line out.
#include <emscripten.h>

#include <string>

#include "bench/commands.h"

extern "C" {

// The answer is valid until the next call.
EMSCRIPTEN_KEEPALIVE const char* ribostep_bench_ask(const char* line) {
  static ribostep::bench::Commands commands;
  static std::string answer;
  answer = commands.answer(line);
  return answer.c_str();
}

}  // extern "C"
