// Figures of merit with their uncertainty, and confusion matrices, as small drawings with the numbers beside
// them.
#pragma once
#include <imgui.h>

#include <string>
#include <vector>

#include "ui/panel_state.h"

namespace ribostep::ui {

// One method's figures: a dot with its 95 % interval as whiskers, then what experiment::figures has for the
// task.
struct ScoreLine {
  std::string name;
  int n, correct;
  experiment::Interval interval;
  bool ours;            // the network, not a baseline
  std::string why_not;  // shown instead of figures
  experiment::Metrics metrics{};
};
// `positive`: the class that AUPRC is of, when there are two; else empty.
void draw_score_table(Panel& p, rnn::Task task, const std::vector<ScoreLine>& lines,
                      const std::string& positive);

// Rows: true class, columns: predicted. Counts as numbers, shaded by their share of the row.
void draw_confusion(Panel& p, const experiment::Confusion& confusion, const std::vector<std::string>& names,
                    ImVec2 size);

}  // namespace ribostep::ui
