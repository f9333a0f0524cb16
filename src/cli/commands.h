// The commands of `ribostep`, one file each, and what several of them share.
#pragma once
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/workbench.h"
#include "motif/automaton.h"

namespace ribostep::cli {

struct Command {
  const char* name;
  const char* words;    // positional words, for the usage line
  const char* summary;  // one line
  std::size_t max_words;
  std::vector<std::vector<Option>> options;
  Exit (*run)(Arguments&);
  const char* notes = nullptr;  // shown by --help below the options
};
extern const Command kRead, kTrain, kCrossValidate, kStep, kLink, kOpen, kExport, kPredict, kScan, kForward,
    kSensitivity, kEquivariance, kAttribute, kMotif, kLanguage, kExtract;

// ---- shared by train and cv
// Functions, because the commands' tables are made from them before main().
std::vector<Option> data_options();
std::vector<Option> model_options();
std::vector<Option> train_options();
// `spec` and `config` with what the options say (model_options.cpp).
rnn::ModelSpec model_from(Arguments& arguments, rnn::ModelSpec spec);
rnn::TrainConfig train_from(Arguments& arguments, rnn::TrainConfig config);
// Loads the data, then model, settings and seed as the options say. kUsage when an option makes no sense,
// kFailed when the data do not allow what was asked for.
Exit set_up(Workbench& bench, Arguments& arguments);
// "GRU, 32 units, 1 layer, both directions, label per sequence (max)" and everything that is not the default.
std::string describe(const rnn::ModelSpec& spec);
std::string describe(const rnn::TrainConfig& config);  // "adamw, learning rate 0.01, batch 16"
std::string describe(const session::Score& score);     // "95 of 106 right: 0.896 (95 % interval ...)"
std::string describe(const experiment::BaselineScore& baseline);

double as_printed(float value);  // with the digits of a table, so that both forms of a number are the same

// ---- shared by language and extract
struct KnownMachine {
  motif::Dfa machine;
  bio::AlphabetKind alphabet = bio::AlphabetKind::Dna;
  std::string title;
};
std::vector<Option> pattern_options();
// Of the language with this id, or without one of --pattern, whose alphabet is `otherwise` unless given.
Exit known_machine(Arguments& arguments, const std::string& id, bio::AlphabetKind otherwise,
                   KnownMachine& out);

// ---- shared by what opens a project
// Usage complaint unless there is exactly one word; otherwise opens it.
Exit open_word(Workbench& bench, Arguments& arguments);
// --sequence as a number from 1 or a name; -1 and a complaint when there is none such.
int sequence_index(const session::Session& session, const std::string& text);
// Shows the open network the sequences of a file. `first_new` gets the index of the first of them.
bool add_queries(Workbench& bench, const std::string& path, int& first_new);

}  // namespace ribostep::cli
