// A record read otherwise than it was given: letters exchanged, inserted or taken out. What the network is
// fed then, with the labels that still belong to its letters.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "bio/edits.h"
#include "experiment/prepare.h"

namespace ribostep::experiment {

struct EditedRecord {
  bio::EditedLetters letters;
  std::vector<std::uint8_t> tokens;           // codes of the TokenTable
  std::vector<std::uint8_t> position_labels;  // kNoClass for inserted letters; empty where there are none
};
// Letters only: a series of values has none to change.
EditedRecord edited_record(const Prepared& prepared, int record, std::span<const bio::LetterEdit> edits);
// As experiment::example, with what the record reads now. Spans point into `edited`.
rnn::Example example(const Prepared& prepared, const rnn::ModelSpec& spec, int record,
                     const EditedRecord& edited);

}  // namespace ribostep::experiment
