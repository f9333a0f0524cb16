// From options to a Session that is ready to train: the same verbs, in the same order, as on the page.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "bio/covariates.h"
#include "cli/commands.h"
#include "io/project_fields.h"
#include "io/tables.h"

namespace ribostep::cli {
namespace {

template <class Value, class Parse>
void choose(Arguments& arguments, const char* name, Parse parse, const char* expected, Value& out) {
  if (!arguments.has(name)) return;
  if (const auto value = parse(arguments.text(name)))
    out = *value;
  else
    arguments.complain(std::string(name) + " must be " + expected + ", not \"" + arguments.text(name) + "\"");
}

// The model with something in place of what only the data can say, so that mistakes in the rest are found
// before anything is read.
rnn::ModelSpec with_stand_ins(rnn::ModelSpec spec) {
  if (spec.initial == rnn::InitialState::ByClass) spec.covariate_classes = 1;
  if (spec.initial == rnn::InitialState::Encoder) {
    spec.covariate_center.assign(spec.covariates.size(), 0);
    spec.covariate_scale.assign(spec.covariates.size(), 1);
  }
  if (spec.task == rnn::Task::NextVector) {
    spec.input = rnn::Input::Values;
    spec.channels = 1;
  }
  return spec;
}

// Says which covariate is not there, or is of the wrong kind, and which there are.
bool has_covariates(const bio::Dataset& data, const rnn::ModelSpec& asked) {
  const std::vector<bio::Covariate> known = bio::find_covariates(data);
  std::string list;
  for (const bio::Covariate& c : known)
    list += (list.empty() ? "" : ", ") + c.name +
            (c.numeric ? " (numbers)" : " (" + std::to_string(c.levels.size()) + " different values)");
  const std::string remedy = known.empty() ? "no sequence has any: write key=value in the headers, or load a "
                                             "table with a column for it"
                                           : "there are " + list;
  for (const std::string& name : asked.covariates) {
    const auto at = std::find_if(known.begin(), known.end(), [&](const auto& c) { return c.name == name; });
    std::string trouble;
    if (at == known.end())
      trouble = "there is no covariate \"" + name + "\" in these data";
    else if (asked.initial == rnn::InitialState::Encoder && !at->numeric)
      trouble = "an encoder reads numbers, and the covariate \"" + name + "\" is none";
    else if (asked.initial == rnn::InitialState::ByClass && at->levels.empty())
      trouble = "the covariate \"" + name + "\" has too many different values for a state each";
    if (trouble.empty()) continue;
    complain(trouble + "; " + remedy);
    return false;
  }
  return true;
}

// What was asked for and what the data made of it. Says the first difference.
bool came_out(const session::Session& session, const Arguments& arguments, rnn::ModelSpec asked) {
  const rnn::ModelSpec& got = session.project().model;
  asked.symbols = got.symbols;
  asked.classes = got.classes;
  asked.channels = got.channels;
  asked.covariate_classes = got.covariate_classes;
  asked.covariate_center = got.covariate_center;
  asked.covariate_scale = got.covariate_scale;
  if (!arguments.has("--input") && got.input == rnn::Input::Values) asked.input = got.input;
  if (asked == got) return true;
  if (asked.task != got.task) {
    complain("the data have nothing to learn this task from: " + session.obstacle(asked.task));
    return false;
  }
  if (asked.input != got.input && got.input == rnn::Input::Values) {
    complain("these data are real values, not letters: leave --input out");
    return false;
  }
  if (const std::string why = problem(asked); !why.empty()) {
    complain(why);
    return false;
  }
  io::for_each_field(io::kModelFields, [&](const auto& field) {
    if (asked.*field.member != got.*field.member && !(asked == got)) {
      complain(std::string("with these data the model's \"") + field.key + "\" cannot be what was asked for");
      asked = got;  // one difference is enough
    }
  });
  return false;
}

std::string share(int correct, int n, const experiment::Interval& interval) {
  if (n == 0) return "no labelled sequences";
  std::string text = std::to_string(correct) + " of " + std::to_string(n) + " right";
  if (n < 10) return text;  // a percentage of a handful says less than it seems to
  char numbers[80];
  std::snprintf(numbers, sizeof numbers, ": %.3f (95 %% interval %.3f to %.3f)",
                static_cast<double>(correct) / n, interval.low, interval.high);
  return text + numbers;
}

}  // namespace

std::vector<Option> data_options() {
  return {
      {"--example", "ID", "a built-in data set instead of a file"},
      {"--alphabet", "KIND",
       "dna, rna, protein, series (a table of numbers), bits, brackets or reber instead of what the text "
       "suggests"},
      {"--labels", "RULE",
       "where classes are: auto, column, key (label=x), field (...|x), word (the last one) or none"},
  };
}

Exit set_up(Workbench& bench, Arguments& arguments) {
  const bool from_file = !arguments.words().empty();
  if (from_file == arguments.has("--example"))
    arguments.complain("give a file of sequences (or - for standard input), or --example ID");
  bio::LabelRule rule = bio::LabelRule::Auto;
  bio::AlphabetKind alphabet = bio::AlphabetKind::Dna;
  choose(
      arguments, "--labels", [](const std::string& text) { return bio::label_rule(text); },
      "auto, column, key, field, word or none", rule);
  choose(
      arguments, "--alphabet", [](const std::string& text) { return bio::alphabet_kind(text); },
      "dna, rna, protein, series, bits, brackets or reber", alphabet);
  const std::uint64_t seed = arguments.unsigned_whole("--seed", 1);
  const rnn::ModelSpec asked = model_from(arguments, {});  // to find mistakes before anything is read
  if (const std::string why = problem(with_stand_ins(asked)); !why.empty()) arguments.complain(why);
  if (const std::string why = problem(train_from(arguments, {})); !why.empty()) arguments.complain(why);
  if (!arguments.problem().empty()) return kUsage;

  session::Session& session = bench.session();
  const bool loaded = from_file ? bench.load_sequences(arguments.words()[0], alphabet)
                                : bench.load_example(arguments.text("--example"));
  bench.print_diagnostics();
  if (!loaded) return kFailed;
  if (arguments.has("--alphabet")) session.set_alphabet(alphabet);
  if (arguments.has("--labels")) session.set_label_rule(rule);
  session.set_seed(seed);
  const rnn::ModelSpec wanted = model_from(arguments, session.project().model);
  if (!has_covariates(session.data(), wanted)) return kFailed;
  session.set_model(wanted);
  session.set_train(train_from(arguments, session.project().train));
  return bench.finish() && came_out(session, arguments, wanted) ? kOk : kFailed;
}

std::string describe(const session::Score& score) { return share(score.correct, score.n, score.interval); }

std::string describe(const experiment::BaselineScore& baseline) {
  return baseline.applicable ? share(baseline.correct, baseline.n, baseline.interval)
                             : "not applicable: " + baseline.why_not;
}

double as_printed(float value) {
  return std::strtod(io::number(static_cast<double>(value)).c_str(), nullptr);
}

Exit open_word(Workbench& bench, Arguments& arguments) {
  if (arguments.words().empty()) arguments.complain("give a link or a project file");
  if (!arguments.problem().empty()) return kUsage;
  return bench.open(arguments.words()[0]) ? kOk : kFailed;
}

int sequence_index(const session::Session& session, const std::string& text) {
  const int count = session.data().size();
  for (int i = 0; i < count; ++i)
    if (session.data().name(i) == text) return i;
  if (!text.empty() && text.size() < 9 && text.find_first_not_of("0123456789") == std::string::npos) {
    const int number = std::atoi(text.c_str());
    if (number >= 1 && number <= count) return number - 1;
  }
  complain("there is no sequence \"" + text + "\": give a name, or a number from 1 to " +
           std::to_string(count));
  return -1;
}

bool add_queries(Workbench& bench, const std::string& path, int& first_new) {
  const auto bytes = read_file(path);
  if (!bytes) {
    complain("cannot read " + path + ": is the name right?");
    return false;
  }
  session::Session& session = bench.session();
  first_new = session.data().size();
  session.add_unlabelled(*bytes, path.substr(path.rfind('/') + 1));
  const bool added = bench.finish() && session.data().size() > first_new;
  if (added) bench.print_diagnostics();  // otherwise the first of them was just said
  return added;
}

}  // namespace ribostep::cli
