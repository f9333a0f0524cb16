#include "bench/commands.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <sstream>
#include <stdexcept>

#include "bench/loops.h"

namespace ribostep::bench {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

int whole(std::istringstream& words) {
  int value = 0;
  if (!(words >> value) || value < 1) throw std::invalid_argument("a number from 1 on is wanted");
  return value;
}

Shape shape(std::istringstream& words) {
  Shape out;
  std::string cell, pool;
  words >> cell;
  out.hidden = whole(words);
  out.length = whole(words);
  out.batch = whole(words);
  words >> pool;
  const auto kind = rnn::cell_kind(cell);
  const auto pooling = rnn::pool(pool);
  if (!kind || !pooling) throw std::invalid_argument("no such cell or pool: " + cell + " " + pool);
  out.cell = *kind;
  out.pool = *pooling;
  return out;
}

}  // namespace

std::string Commands::answer(const std::string& line) {
  try {
    return obey(line);
  } catch (const std::exception& error) {
    return std::string("error ") + error.what();
  }
}

std::string Commands::obey(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  words >> verb;
  if (verb == "make") {
    training_.reset();
    training_ = std::make_unique<TrainingSteps>(shape(words));
    return "ok";
  }
  if (verb == "step" && training_) return number(training_->ms_per_step(whole(words)));
  if (verb == "long") {
    const int length = whole(words), hidden = whole(words);
    long_.reset();
    long_ = std::make_unique<LongSteps>(length, hidden);
    return "ok";
  }
  if (verb == "long_step" && long_) return number(long_->ms_per_step(whole(words)));
  if (verb == "trace") {
    const int length = whole(words), hidden = whole(words);
    const TraceTime time = long_trace(length, hidden);
    return number(time.ms) + " " + std::to_string(time.bytes);
  }
  if (verb == "condition") {
    const int length = whole(words), hidden = whole(words);
    return number(condition_ms(length, hidden));
  }
  if (verb == "register") return number(register_gflops(whole(words)));
  if (verb == "gemm") {
    const int rows = whole(words), depth = whole(words), width = whole(words);
    return number(gemm_gflops(rows, depth, width));
  }
  if (verb == "memory") return std::to_string(memory_bytes());
  if (verb == "drop") {
    training_.reset();
    long_.reset();
    return "ok";
  }
  throw std::invalid_argument("not understood: " + line);
}

}  // namespace ribostep::bench
