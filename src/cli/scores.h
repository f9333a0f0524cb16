// Figures of merit as the commands print them: words for people, JSON for programs.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "cli/commands.h"

namespace ribostep::cli {

// "\tbalanced 0.896\tMCC 0.793\t...", "–" for what is not defined; the share that is right is not in it.
std::string figure_columns(rnn::Task task, int n, int correct, const experiment::Metrics& metrics);
// {"n", "correct", "interval", then every figure of the task, null where it is not defined}
nlohmann::ordered_json figures_json(rnn::Task task, const session::Score& score);
nlohmann::ordered_json figures_json(rnn::Task task, const experiment::BaselineScore& score);
// Groups of the predictions, with their confusion matrix where there is one, and the baselines.
nlohmann::ordered_json scores_json(const session::Session& session);
// One line each: train, validation, baselines.
void print_scores(const session::Session& session);

}  // namespace ribostep::cli
