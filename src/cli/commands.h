// The commands of `ribostep`, one file each, and what several of them share.
#pragma once
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/workbench.h"

namespace ribostep::cli {

struct Command {
  const char* name;
  const char* words;    // positional words, for the usage line
  const char* summary;  // one line
  std::size_t max_words;
  std::vector<std::vector<Option>> options;
  Exit (*run)(Arguments&);
};
extern const Command kRead, kTrain, kCrossValidate, kStep, kLink, kOpen, kExport, kPredict, kScan, kForward;

// ---- shared by train and cv (set_up.cpp)
// Functions, because the commands' tables are made from them before main().
std::vector<Option> data_options();
std::vector<Option> model_options();
std::vector<Option> train_options();
// Loads the data, then model, settings and seed as the options say. kUsage when an option makes no sense.
Exit set_up(Workbench& bench, Arguments& arguments);
// "gru, 32 hidden units, 1 layer, both directions, maximum over positions"
std::string describe(const rnn::ModelSpec& spec);
std::string describe(const session::Score& score);  // "95 of 106 right: 0.896 (95 % interval ...)"
std::string describe(const experiment::BaselineScore& baseline);

// ---- shared by what opens a project
// Usage complaint unless there is exactly one word; otherwise opens it.
Exit open_word(Workbench& bench, Arguments& arguments);
// --sequence as a number from 1 or a name; -1 and a complaint when there is none such.
int sequence_index(const session::Session& session, const std::string& text);
// The project with the records of a FASTA or table file appended as unlabelled, so that its own network can
// look at them. `first_new` gets the index of the first of them; nullopt after a complaint.
std::optional<io::Project> with_queries(const session::Session& session, const std::string& path,
                                        int& first_new);

}  // namespace ribostep::cli
