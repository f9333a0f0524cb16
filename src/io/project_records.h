// The records of a project document. Which keys stand around them is project_read.cpp's.
#pragma once
#include <nlohmann/json.hpp>

#include "base/diagnostic.h"
#include "bio/dataset.h"

namespace ribostep::io {

// `channels`: names of the values per position, for a set of series; null when the document has none. Null
// when something is wrong, which the diagnostics tell.
bio::DatasetPtr read_records(const nlohmann::json& records, bio::AlphabetKind kind,
                             const nlohmann::json* channels, Diagnostics& diagnostics);

}  // namespace ribostep::io
