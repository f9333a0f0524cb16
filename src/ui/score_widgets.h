// Accuracies with their uncertainty, and confusion matrices, as small drawings with the numbers beside them.
#pragma once
#include <imgui.h>

#include <string>
#include <vector>

#include "ui/panel_state.h"

namespace ribostep::ui {

// One named accuracy: a dot with its 95 % interval as whiskers.
struct ScoreLine {
  std::string name;
  int n, correct;
  experiment::Interval interval;
  bool ours;            // the network, not a baseline
  std::string why_not;  // shown instead of a figure
};
void draw_score_lines(Panel& p, const std::vector<ScoreLine>& lines);

// Rows: true class, columns: predicted. Counts as numbers, shaded by their share of the row.
void draw_confusion(Panel& p, const experiment::Confusion& confusion, const std::vector<std::string>& names,
                    ImVec2 size);

}  // namespace ribostep::ui
