// `ribostep read`: what was understood of a file, one JSON object per line.
#include <cstdio>

#include "cli/commands.h"

namespace ribostep::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string record_line(const session::Session& session, int i) {
  const bio::Dataset& data = session.data();
  const int label = session.labels().of_record[static_cast<std::size_t>(i)];
  Json line;
  line["id"] = std::string(data.name(i));
  line["description"] = std::string(data.description(i));
  line["length"] = data.length(i);
  line["alphabet"] = std::string(data.alphabet().name);
  line["label"] = label < 0 ? Json() : Json(session.labels().classes[static_cast<std::size_t>(label)]);
  if (data.channels() == 0) line["residues"] = data.letters(i);
  for (int t = 0; data.channels() > 0 && t < data.length(i); ++t) {
    Json row = Json::array();
    for (int k = 0; k < data.channels(); ++k)
      row.push_back(as_printed(data.values(i)[static_cast<std::size_t>(t * data.channels() + k)]));
    line["values"].push_back(std::move(row));
  }
  if (!data.annotation(i).empty()) line["annotation"] = std::string(data.annotation(i));
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Exit run(Arguments& arguments) {
  if (arguments.words().empty()) arguments.complain("give a file of sequences, or - for standard input");
  const auto rule = bio::label_rule(arguments.text("--labels", "auto"));
  if (!rule) arguments.complain("--labels must be auto, column, key, field, word or none");
  const auto alphabet = bio::alphabet_kind(arguments.text("--alphabet", "dna"));
  if (!alphabet) arguments.complain("--alphabet must be dna, rna, protein, series, bits, brackets or reber");
  if (!arguments.problem().empty()) return kUsage;

  Workbench bench(arguments);
  session::Session& session = bench.session();
  bool good = bench.load_sequences(arguments.words()[0], *alphabet);
  if (good && arguments.has("--alphabet")) session.set_alphabet(*alphabet);
  good = bench.finish() && good;
  bench.print_diagnostics();
  for (const Diagnostic& d : session.diagnostics()) good = good && d.severity != Severity::Error;
  if (!session.has_data()) return kFailed;
  if (arguments.has("--labels")) session.set_label_rule(*rule);
  good = bench.finish() && good;
  for (int i = 0; i < session.data().size(); ++i)
    if (!write_file("-", record_line(session, i))) return kFailed;
  return good ? kOk : kFailed;
}

}  // namespace

const Command kRead = {"read",
                       "FILE|-",
                       "show what is understood of a file: one JSON line per sequence",
                       1,
                       {{{"--alphabet", "KIND",
                          "dna, rna, protein, series (a table of numbers), bits, brackets or reber instead "
                          "of what the text suggests"},
                         {"--labels", "RULE", "auto, column, key, field, word or none"}}},
                       &run};

}  // namespace ribostep::cli
