// RESULTS; see results_panel.h.
#include "ui/results_panel.h"

#include <algorithm>

#include "experiment/metrics.h"
#include "ui/format.h"
#include "ui/score_widgets.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::JobKind;

constexpr float kSideBySide = 760;
constexpr float kControlsWidth = 220;
constexpr float kMatrixHeight = 300;  // at most, CSS pixels

void add_baselines(std::vector<ScoreLine>& lines, const std::vector<experiment::BaselineScore>& baselines) {
  for (const experiment::BaselineScore& b : baselines) {
    lines.push_back(
        {b.name, b.n, b.correct, b.interval, false, b.applicable ? std::string() : b.why_not, b.metrics});
  }
}

ScoreLine ours(const char* name, const session::Score& score) {
  return {name, score.n, score.correct, score.interval, true, {}, score.metrics};
}

// The class that AUPRC is of; empty with more than two.
std::string positive_name(const std::vector<std::string>& classes) {
  if (classes.size() != 2) return {};
  return classes[static_cast<std::size_t>(experiment::positive_class(classes))];
}

void headline(Panel& p, const session::Score& score) {
  {
    const FontScope font(p.fonts.title);
    text(accuracy(score.correct, score.n));
  }
  dim_wrapped(p, uncertainty(score.n, score.interval));
}

void draw_fold_controls(Panel& p) {
  session::Session& s = p.session;
  const session::CrossValidation& cv = s.cross_validation();
  row(p, "Folds, seed",
      "Every sequence is predicted once, by a network that never saw it; the seed decides who shares a fold");
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x * 0.45f);
  whole_number(p, "##folds", p.state.folds, 2, session::kMaxFolds, !p.state.leave_one_out);
  ImGui::SameLine(0, 4);
  ImGui::SetNextItemWidth(-FLT_MIN);
  seed_number("##fold_seed", p.state.fold_seed);
  toggle(p, "leave one out", p.state.leave_one_out);
  tip(p,
      "As many folds as labelled sequences: each is predicted by a network trained on all the others. The "
      "most "
      "training data per fold, and the longest wait. What only counts classes does badly here, because each "
      "sequence left out makes its own class the rarer one: read the figures beside the baselines");
  const bool busy = s.job().kind == JobKind::CrossValidating;
  const std::string why = s.project().model.task == rnn::Task::SequenceLabel
                              ? s.obstacle(rnn::Task::SequenceLabel)
                              : std::string("needs one label per sequence");
  if (busy) {
    if (button("Cancel", true, -FLT_MIN)) s.cancel_job();
    const std::string left = duration(s.job().seconds_left);
    progress(p, s.job().progress, left.empty() ? s.job().text : s.job().text + ", " + left + " left");
    return;
  }
  if (primary_button(p, cv.available ? "Cross-validate again###cv" : "Cross-validate###cv",
                     s.has_data() && why.empty(), -FLT_MIN)) {
    s.cross_validate(p.state.leave_one_out ? session::kLeaveOneOut : p.state.folds, p.state.fold_seed);
  }
  tip(p, why.empty()
             ? "Trains a new network per fold with these settings; nothing is tuned or stopped on test folds"
             : "Not possible: " + why);
  if (cv.available) {
    headline(p, cv.score);
    dim(p, (cv.leave_one_out ? "leave one out, " : "") + std::to_string(cv.folds) + " folds, seed " +
               std::to_string(cv.seed));
  } else if (!why.empty()) {
    dim_wrapped(p, "Not possible: " + why + ".");
  }
}

void draw_cross_validation(Panel& p, ImVec2 size) {
  const session::CrossValidation& cv = p.session.cross_validation();
  const bool wide = size.x >= kSideBySide;
  const float space = 18;
  ImGui::BeginGroup();
  const float controls = wide ? kControlsWidth : size.x;
  ImGui::PushID("controls");
  if (ImGui::BeginChild("##c", ImVec2(controls, wide ? size.y : 0), wide ? 0 : ImGuiChildFlags_AutoResizeY)) {
    draw_fold_controls(p);
  }
  ImGui::EndChild();
  ImGui::PopID();
  ImGui::EndGroup();
  if (!cv.available) return;
  if (wide) ImGui::SameLine(0, space);
  const float rest = wide ? size.x - controls - space : size.x;
  if (ImGui::BeginChild("##figures", ImVec2(rest, wide ? size.y : 0),
                        wide ? 0 : ImGuiChildFlags_AutoResizeY)) {
    std::vector<ScoreLine> lines = {ours("this network", cv.score)};
    add_baselines(lines, cv.baselines);
    dim(p, "all test folds together, n " + thousands(cv.score.n) + "; baselines on the same folds");
    const std::vector<std::string>& classes = p.session.labels().classes;
    draw_score_table(p, rnn::Task::SequenceLabel, lines, positive_name(classes));
    ImGui::Spacing();
    draw_confusion(p, cv.confusion, classes, ImVec2(rest, kMatrixHeight));
  }
  ImGui::EndChild();
}

void draw_predictions(Panel& p) {
  session::Session& s = p.session;
  const session::Predictions& predictions = s.predictions();
  const bool busy = s.job().kind == JobKind::Predicting;
  if (button(busy ? "Predicting...###again" : "Predict###again", s.has_data() && !busy)) s.predict();
  tip(p, "Predict every sequence with the current weights");
  if (!predictions.available) return;
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  dim(p, "validation n " + thousands(predictions.validation.n) + ", training n " +
             thousands(predictions.train.n) +
             (predictions.stale ? "; older than the weights" : "; with the current weights"));
  const rnn::Task task = s.project().model.task;
  std::vector<ScoreLine> lines = {ours("this network, validation", predictions.validation),
                                  ours("this network, training", predictions.train)};
  add_baselines(lines, predictions.baselines);
  const bool per_sequence = task == rnn::Task::SequenceLabel;
  draw_score_table(p, task, lines, per_sequence ? positive_name(s.labels().classes) : std::string());
  const bool held_out = predictions.validation.n > 0;
  const session::Score& shown = held_out ? predictions.validation : predictions.train;
  if (shown.n == 0 || shown.confusion.classes == 0) return;
  ImGui::Spacing();
  dim(p, held_out ? "validation" : "training");
  draw_confusion(p, shown.confusion, s.output_names(),
                 ImVec2(ImGui::GetContentRegionAvail().x, kMatrixHeight));
}

// Where the lines of the scan's TSV begin; scanned again only when another scan has come.
const Lines& scan_lines(Panel& p) {
  const std::string& tsv = p.session.scan_tsv();
  Lines& lines = p.state.scan_lines;
  if (lines.of == tsv.data() && lines.size == tsv.size()) return lines;
  lines = {tsv.data(), tsv.size(), {}};
  for (std::size_t at = 0; at < tsv.size();) {
    lines.starts.push_back(at);
    const std::size_t end = tsv.find('\n', at);
    at = end == std::string::npos ? tsv.size() : end + 1;
  }
  return lines;
}

std::vector<std::string> fields(const std::string& tsv, const Lines& lines, std::size_t line) {
  const std::size_t begin = lines.starts[line];
  const std::size_t end = std::min(tsv.find('\n', begin), tsv.size());
  std::vector<std::string> out(1);
  for (std::size_t i = begin; i < end; ++i) {
    if (tsv[i] == '\t')
      out.emplace_back();
    else
      out.back() += tsv[i];
  }
  return out;
}

void draw_scan(Panel& p, ImVec2 size) {
  session::Session& s = p.session;
  const std::string& tsv = s.scan_tsv();
  if (s.job().kind == JobKind::Scanning) {
    progress(p, s.job().progress, s.job().text);
    return;
  }
  const Lines& lines = scan_lines(p);
  if (lines.starts.size() < 2) {
    dim_wrapped(p, "Nothing scanned yet: \"Scan windows...\" is in the Sequences tab.");
    return;
  }
  const float top = ImGui::GetCursorPosY();
  if (button("Save TSV")) s.export_scan();
  ImGui::SameLine();
  if (button("Copy")) post(p, {{"type", "copy"}, {"text", tsv}});
  tip(p, "The table as text");
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  dim(p, counted(static_cast<std::int64_t>(lines.starts.size()) - 1, "window", "windows"));
  const std::vector<std::string> header = fields(tsv, lines, 0);
  const int columns = std::clamp(static_cast<int>(header.size()), 1, 60);
  const float used = ImGui::GetCursorPosY() - top;
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollY | ImGuiTableFlags_ScrollX |
                                     ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH |
                                     ImGuiTableFlags_Resizable | ImGuiTableFlags_SizingFixedFit |
                                     ImGuiTableFlags_NoSavedSettings;
  if (!ImGui::BeginTable("##scan", columns, kFlags, ImVec2(size.x, std::max(size.y - used, 120.0f)))) return;
  ImGui::TableSetupScrollFreeze(0, 1);
  for (int c = 0; c < columns; ++c) ImGui::TableSetupColumn(header[static_cast<std::size_t>(c)].c_str());
  ImGui::TableHeadersRow();
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(lines.starts.size()) - 1);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      ImGui::TableNextRow();
      for (const std::string& field : fields(tsv, lines, static_cast<std::size_t>(i) + 1)) {
        if (!ImGui::TableNextColumn()) continue;
        const FontScope font(p.fonts.mono_small);
        text(field);
      }
    }
  }
  ImGui::EndTable();
}

}  // namespace

void draw_results(Panel& p, ImVec2 size) {
  const Choice kinds[] = {{"Cross-validation", {}}, {"Predictions", {}}, {"Scan", {}}};
  const float top = ImGui::GetCursorPosY();
  ImGui::PushID("kind");
  if (ImGui::BeginChild("##kinds", ImVec2(std::min(size.x, 380.0f), ImGui::GetFrameHeight()))) {
    const int chosen = choose_segment(p, "##result", kinds, static_cast<int>(p.state.result));
    if (chosen >= 0) p.state.result = static_cast<ResultKind>(chosen);
  }
  ImGui::EndChild();
  ImGui::PopID();
  const ImVec2 rest(size.x, std::max(size.y - (ImGui::GetCursorPosY() - top), 120.0f));
  switch (p.state.result) {
    case ResultKind::CrossValidation:
      draw_cross_validation(p, rest);
      break;
    case ResultKind::Predictions:
      if (ImGui::BeginChild("##predictions", rest)) draw_predictions(p);
      ImGui::EndChild();
      break;
    case ResultKind::Scan:
      draw_scan(p, rest);
      break;
  }
}

}  // namespace ribostep::ui
