// CURVES; see curves.h. Works on Session's points directly; plot.cpp thins them out. Runs that are kept lie
// behind the present one, in colours and dashes of their own.
#include "ui/curves.h"

#include <algorithm>
#include <cmath>

#include "session/history.h"
#include "ui/format.h"
#include "ui/history_scrubber.h"
#include "ui/plot.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

using session::Training;
using Evaluations = std::vector<rnn::EvaluationPoint>;

constexpr float kSideBySide = 480;       // narrower: the two plots stand above each other
constexpr float kLowest = 90;            // of a plot
constexpr std::size_t kLegendName = 24;  // letters
constexpr float kToggleRoom = 126, kDifferencesRoom = 120;
constexpr double kSpikeLimit = 1.6;  // a minibatch far above every evaluation is cut off, not scaled to

double share(std::int64_t correct, std::int64_t n) {
  return n > 0 ? static_cast<double>(correct) / static_cast<double>(n) : std::nan("");
}

bool has_validation(const Evaluations& all) { return !all.empty() && all.back().validation_items > 0; }

double last_update(const Panel& p, const Training& t) {
  double last = static_cast<double>(t.curve.size());
  if (!t.evaluations.empty()) last = std::max(last, static_cast<double>(t.evaluations.back().update));
  const session::History& history = p.session.history();
  for (int run = 0; run < static_cast<int>(history.runs().size()); ++run)
    if (history.shown(run))
      last = std::max(last, static_cast<double>(history.runs()[static_cast<std::size_t>(run)].updates));
  return std::max(last, 1.0);
}

// Of validation records, where there are any: what runs are compared by.
double loss_of(const io::RunPoint& point) {
  const double loss = point.validation_loss >= 0 ? point.validation_loss : point.train_loss;
  return loss >= 0 ? loss : std::nan("");
}
double accuracy_of(const io::RunPoint& point) {
  const double share = point.validation_accuracy >= 0 ? point.validation_accuracy : point.train_accuracy;
  return share >= 0 ? share : std::nan("");
}

constexpr LineStyle kRunStyles[] = {LineStyle::Dashed, LineStyle::Dotted, LineStyle::Solid};
LineStyle run_style(int run) { return kRunStyles[static_cast<std::size_t>(run) % std::size(kRunStyles)]; }

void draw_runs(const Panel& p, const PlotFrame& f, double (*value)(const io::RunPoint&)) {
  const session::History& history = p.session.history();
  for (int run = 0; run < static_cast<int>(history.runs().size()); ++run) {
    if (!history.shown(run)) continue;
    const std::vector<io::RunPoint>& curve = history.runs()[static_cast<std::size_t>(run)].curve;
    plot_series(
        f, curve.size(), [&](std::size_t i) { return static_cast<double>(curve[i].update); },
        [&](std::size_t i) { return static_cast<float>(value(curve[i])); }, run_colour(p, run),
        run_style(run), 1.5f);
  }
}

// A click or a drag on a curve goes to that update.
void visit_by_mouse(Panel& p, const PlotFrame& f) {
  session::History& history = p.session.history();
  const ImGuiIO& io = ImGui::GetIO();
  const ImVec2 from = io.MouseClickedPos[0];
  const bool here = from.x >= f.low.x && from.x <= f.high.x && from.y >= f.low.y && from.y <= f.high.y;
  const bool moved = ImGui::IsMouseClicked(0) || io.MouseDelta.x != 0;
  if (plot_hovered(f) && io.MouseDown[0] && here && moved && history.visit_obstacle().empty())
    history.visit(std::llround(f.value_at(io.MousePos.x)));
  if (history.visiting())
    draw_visited_line(p, f.x(static_cast<double>(history.update_shown())), f.low.y, f.high.y);
}

void set_loss_range(const Panel& p, PlotFrame& f, const Training& t, bool log_scale) {
  double high = 0, low = 1e300, spike = 0;
  const bool validation = has_validation(t.evaluations);
  for (const rnn::EvaluationPoint& e : t.evaluations) {
    for (const double loss : {e.train_loss, validation ? e.validation_loss : e.train_loss}) {
      if (!std::isfinite(loss)) continue;
      high = std::max(high, loss);
      if (loss > 0) low = std::min(low, loss);
    }
  }
  const session::History& history = p.session.history();
  for (int run = 0; run < static_cast<int>(history.runs().size()); ++run) {
    if (!history.shown(run)) continue;
    for (const io::RunPoint& point : history.runs()[static_cast<std::size_t>(run)].curve) {
      const double loss = loss_of(point);
      if (!std::isfinite(loss)) continue;
      high = std::max(high, loss);
      if (loss > 0) low = std::min(low, loss);
    }
  }
  for (const rnn::UpdatePoint& u : t.curve) {
    if (!std::isfinite(u.loss)) continue;
    spike = std::max(spike, static_cast<double>(u.loss));
    if (u.loss > 0) low = std::min(low, static_cast<double>(u.loss));
  }
  high = high > 0 ? std::max(high, std::min(spike, high * kSpikeLimit)) : spike;
  if (!(high > 0)) high = 1;
  f.log_y = log_scale;
  f.y_max = log_scale ? high * 1.1 : high * 1.05;
  f.y_min = log_scale ? std::max(std::min(low, high * 0.5), high * 1e-6) * 0.9 : 0;
}

// A predicted vector is near or far, not right or wrong.
bool right_or_wrong(const Panel& p) { return p.session.project().model.task != rnn::Task::NextVector; }

const rnn::EvaluationPoint* nearest(const Evaluations& all, double update) {
  if (all.empty()) return nullptr;
  auto at = std::lower_bound(all.begin(), all.end(), update, [](const rnn::EvaluationPoint& e, double u) {
    return static_cast<double>(e.update) < u;
  });
  if (at == all.end()) return &all.back();
  if (at != all.begin() &&
      update - static_cast<double>((at - 1)->update) < static_cast<double>(at->update) - update) {
    --at;
  }
  return &*at;
}

void read_out(const Panel& p, const PlotFrame& f, const Training& t) {
  if (!plot_hovered(f)) return;
  const double update = std::round(f.value_at(ImGui::GetIO().MousePos.x));
  const float x = f.x(update);
  ImGui::GetWindowDrawList()->AddLine(ImVec2(x, f.low.y), ImVec2(x, f.high.y), p.theme.cursor);
  const FontScope font(p.fonts.small);
  if (!ImGui::BeginTooltip()) return;
  std::string head = "update " + thousands(static_cast<std::int64_t>(update));
  const auto index = static_cast<std::size_t>(std::max(update - 1, 0.0));
  if (update >= 1 && index < t.curve.size()) {
    head += ": minibatch loss " + significant(static_cast<double>(t.curve[index].loss), 4) +
            ", gradient norm " + significant(static_cast<double>(t.curve[index].gradient_norm), 3) +
            ", learning rate " + significant(static_cast<double>(t.curve[index].learning_rate), 3);
  }
  text(head);
  if (const rnn::EvaluationPoint* e = nearest(t.evaluations, update)) {
    dim(p, "epoch " + thousands(e->epoch) + " (update " + thousands(e->update) + ")");
    const auto line = [&](const char* name, double loss, std::int64_t correct, std::int64_t n) {
      text(std::string(name) + " loss " + significant(loss, 4) +
           (right_or_wrong(p) ? ", correct " + accuracy(correct, n) : std::string()));
    };
    line("training", e->train_loss, e->train_correct, e->train_items);
    if (e->validation_items > 0)
      line("validation", e->validation_loss, e->validation_correct, e->validation_items);
  }
  ImGui::EndTooltip();
}

void evaluation_lines(const Panel& p, const PlotFrame& f, const Evaluations& all,
                      float (*training)(const rnn::EvaluationPoint&),
                      float (*validation)(const rnn::EvaluationPoint&)) {
  const auto x = [&](std::size_t i) { return static_cast<double>(all[i].update); };
  plot_series(
      f, all.size(), x, [&](std::size_t i) { return training(all[i]); }, p.theme.positive, LineStyle::Solid,
      2);
  if (!has_validation(all)) return;
  plot_series(
      f, all.size(), x, [&](std::size_t i) { return validation(all[i]); }, p.theme.negative,
      LineStyle::Dashed, 2);
}

void draw_loss(Panel& p, const Training& t, ImVec2 size) {
  PlotFrame f;
  f.x_max = last_update(p, t);
  set_loss_range(p, f, t, p.state.log_loss);
  const std::string title = std::string(right_or_wrong(p) ? "loss" : "mean square error") +
                            (p.state.log_loss ? " (log scale)" : "");
  begin_plot(p, f, {title.c_str(), "updates"}, size);
  plot_series(
      f, t.curve.size(), [](std::size_t i) { return static_cast<double>(i + 1); },
      [&](std::size_t i) { return t.curve[i].loss; }, faded(p.theme.positive, p.theme.dark ? 0.38f : 0.30f),
      LineStyle::Solid, 1);
  draw_runs(p, f, loss_of);
  evaluation_lines(
      p, f, t.evaluations, [](const rnn::EvaluationPoint& e) { return static_cast<float>(e.train_loss); },
      [](const rnn::EvaluationPoint& e) { return static_cast<float>(e.validation_loss); });
  visit_by_mouse(p, f);
  read_out(p, f, t);
}

// The simplest baseline (majority class, letter frequencies) on the validation records; NaN while unknown.
double simplest(const Panel& p) {
  const auto& all = p.session.predictions().baselines;
  return !right_or_wrong(p) || all.empty() || !all.front().applicable
             ? std::nan("")
             : share(all.front().correct, all.front().n);
}

void draw_accuracy(Panel& p, const Training& t, ImVec2 size) {
  PlotFrame f;
  f.x_max = last_update(p, t);
  f.y_max = 1;
  // Few validation records: counts, not percentages.
  const std::int64_t n = t.evaluations.empty() ? 0 : t.evaluations.back().validation_items;
  const bool few = n > 0 && n < kFewRecords;
  const std::string title =
      few ? "share correct; validation " + accuracy(t.evaluations.back().validation_correct, n) : "accuracy";
  begin_plot(p, f, {title.c_str(), "updates", !few}, size);
  if (const double m = simplest(p); std::isfinite(m)) {
    const ImVec2 ends[] = {ImVec2(f.low.x, f.y(m)), ImVec2(f.high.x, f.y(m))};
    plot_line(f, ends, p.theme.text_dim, LineStyle::Dotted, 1.5f);
  }
  draw_runs(p, f, accuracy_of);
  evaluation_lines(
      p, f, t.evaluations,
      [](const rnn::EvaluationPoint& e) { return static_cast<float>(share(e.train_correct, e.train_items)); },
      [](const rnn::EvaluationPoint& e) {
        return static_cast<float>(share(e.validation_correct, e.validation_items));
      });
  visit_by_mouse(p, f);
  read_out(p, f, t);
}

void draw_legend(Panel& p, const Training& t) {
  legend(p, "minibatch", faded(p.theme.positive, 0.5f), LineStyle::Solid, 1);
  legend(p, "training", p.theme.positive, LineStyle::Solid, 2);
  if (has_validation(t.evaluations)) legend(p, "validation", p.theme.negative, LineStyle::Dashed, 2);
  if (std::isfinite(simplest(p)))
    legend(p, p.session.predictions().baselines.front().name.c_str(), p.theme.text_dim, LineStyle::Dotted,
           1.5f);
  const session::History& history = p.session.history();
  bool any = false;
  for (int run = 0; run < static_cast<int>(history.runs().size()); ++run) {
    if (!history.shown(run)) continue;
    any = true;
    const std::string name = shortened(history.name_of(run), kLegendName);
    legend(p, name.c_str(), run_colour(p, run), run_style(run), 1.5f);
    tip(p, history.name_of(run) + ", kept: " + history.differences_of(run) + ". Loss and accuracy " +
               "of validation records where there are any");
  }
  if (any) {
    const std::string words = history.differences();
    const FontScope font(p.fonts.small);
    const float room = ImGui::GetContentRegionAvail().x - kToggleRoom - 18;
    if (room > kDifferencesRoom) {
      ImGui::AlignTextToFramePadding();
      dim(p, fitted_text(words, room));
      tip(p, "Present run first, then the kept ones in their order: " + words);
      ImGui::SameLine(0, 16);
    }
  }
  if (ImGui::GetContentRegionAvail().x < kToggleRoom) ImGui::NewLine();
  if (toggle(p, "log loss", p.state.log_loss)) p.state.preferences_changed = true;
}

}  // namespace

void draw_curves(Panel& p, ImVec2 size) {
  const Training& t = p.session.training();
  const session::History& history = p.session.history();
  if (t.curve.empty() && t.evaluations.size() < 2 && history.present() == 0) {
    bool any = false;
    for (int run = 0; run < static_cast<int>(history.runs().size()); ++run) any = any || history.shown(run);
    if (!any) {
      dim(p, "Loss and accuracy appear here once training starts.");
      return;
    }
  }
  const ImVec2 start = ImGui::GetCursorPos();
  draw_legend(p, t);
  const float used = ImGui::GetCursorPosY() - start.y + scrubber_height(p, size.x);
  const float space = 18;
  if (!right_or_wrong(p)) {
    draw_loss(p, t, ImVec2(size.x, std::max(size.y - used, kLowest)));
  } else if (size.x >= kSideBySide) {
    const ImVec2 half((size.x - space) * 0.5f, std::max(size.y - used, kLowest));
    draw_loss(p, t, half);
    ImGui::SameLine(0, space);
    draw_accuracy(p, t, half);
  } else {
    const ImVec2 each(size.x, std::max((size.y - used - space) * 0.5f, 150.0f));
    draw_loss(p, t, each);
    draw_accuracy(p, t, each);
  }
  draw_scrubber(p, size.x);
}

}  // namespace ribostep::ui
