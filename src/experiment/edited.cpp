#include "experiment/edited.h"

#include <algorithm>

namespace ribostep::experiment {

EditedRecord edited_record(const Prepared& prepared, int record, std::span<const bio::LetterEdit> edits) {
  EditedRecord out;
  const bio::Alphabet& alphabet = prepared.data->alphabet();
  out.letters = bio::edit_letters(prepared.data->letters(record), edits);
  out.tokens.reserve(out.letters.letters.size());
  for (const char letter : out.letters.letters)
    out.tokens.push_back(static_cast<std::uint8_t>(std::max(0, alphabet.token(letter))));
  const std::span<const std::uint8_t> labels = prepared.position_labels_of(record);
  if (labels.empty()) return out;
  for (const int from : out.letters.origin)
    out.position_labels.push_back(from < 0 ? rnn::kNoClass : labels[static_cast<std::size_t>(from)]);
  return out;
}

rnn::Example example(const Prepared& prepared, const rnn::ModelSpec& spec, int record,
                     const EditedRecord& edited) {
  rnn::Example out = example(prepared, spec, record);
  out.tokens = edited.tokens;
  out.position_labels = edited.position_labels;
  return out;
}

}  // namespace ribostep::experiment
