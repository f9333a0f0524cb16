#include "io/debugging.h"

#include <nlohmann/json.hpp>

namespace ribostep::io {

void write_debugging(const Debugging&, nlohmann::json&) {}

}  // namespace ribostep::io
