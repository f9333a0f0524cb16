// The screen's own commands: stepping, sequences, tracks, training, files, panes. See command.h.
#include "ui/commands_core.h"

#include <algorithm>
#include <utility>

#include "ui/track_arrange.h"

namespace ribostep::ui {
namespace {

using session::Session;
constexpr int kCodon = 3;
constexpr const char* kNoData = "load sequences first";

// Adds commands of one group. Panel and UiState outlive the list, which lives for one frame.
class Maker {
 public:
  Maker(CommandContext context, Commands& out, const char* group)
      : context_(context), out_(out), group_(group) {}
  Command& add(std::string title, ImGuiKeyChord chord, std::string words, std::string why_not,
               std::function<void(CommandContext)> act) {
    Command command;
    command.group = group_;
    command.title = std::move(title);
    command.chord = chord;
    command.words = std::move(words);
    command.why_not = std::move(why_not);
    command.act = [context = context_, act = std::move(act)] { act(context); };
    out_.push_back(std::move(command));
    return out_.back();
  }
  // Of the session alone.
  Command& verb(std::string title, ImGuiKeyChord chord, std::string words, std::string why_not,
                void (*act)(Session&)) {
    return add(std::move(title), chord, std::move(words), std::move(why_not),
               [act](CommandContext c) { act(c.panel.session); });
  }

 private:
  CommandContext context_;
  Commands& out_;
  const char* group_;
};

std::string unless(bool possible, const char* why) { return possible ? std::string() : std::string(why); }

void add_steps(CommandContext c, Commands& out) {
  Session& s = c.panel.session;
  Maker make(c, out, "Read");
  const bool any = s.has_data() && s.length() > 0;
  const std::string ahead = !any ? kNoData : unless(s.position() < s.length(), "this is the end");
  const std::string behind = !any ? kNoData : unless(s.position() > 0, "this is the start");
  make.verb("Read one letter", ImGuiKey_RightArrow, "step next forward position", ahead,
            [](Session& x) { x.step(1); })
      .repeats = true;
  make.verb("Go back one letter", ImGuiKey_LeftArrow, "step back previous position", behind,
            [](Session& x) { x.step(-1); })
      .repeats = true;
  make.verb("Read one codon (three letters)", ImGuiMod_Shift | ImGuiKey_RightArrow, "step next", ahead,
            [](Session& x) { x.step(kCodon); })
      .repeats = true;
  make.verb("Go back one codon", ImGuiMod_Shift | ImGuiKey_LeftArrow, "step previous", behind,
            [](Session& x) { x.step(-kCodon); })
      .repeats = true;
  make.verb("To the start, before the first letter", ImGuiKey_Home, "first begin h_0", behind,
            [](Session& x) { x.go_to(0); });
  make.verb("To the end, after the last letter", ImGuiKey_End, "last", ahead,
            [](Session& x) { x.go_to(x.length()); });
  make.verb(s.running() ? "Pause reading" : "Read on by itself", ImGuiKey_Space, "run play pause stop",
            s.running() ? "" : ahead, [](Session& x) { x.set_running(!x.running()); });
  const int sequence = s.project().cursor.sequence;
  make.verb("Next sequence", ImGuiKey_DownArrow, "record",
            !s.has_data() ? kNoData : unless(sequence + 1 < s.data().size(), "this is the last one"),
            [](Session& x) { x.select_sequence(x.project().cursor.sequence + 1); })
      .repeats = true;
  make.verb("Previous sequence", ImGuiKey_UpArrow, "record",
            !s.has_data() ? kNoData : unless(sequence > 0, "this is the first one"),
            [](Session& x) { x.select_sequence(x.project().cursor.sequence - 1); })
      .repeats = true;
}

void zoom(CommandContext c, double factor) {
  Axis& axis = c.ui.axis;
  const int position = c.panel.session.position();
  // Around the cursor where it is seen, else around the middle.
  const bool seen = position > 0 && axis.shows(position - 1);
  axis.zoom(factor, seen ? axis.x_of(position - 0.5) : axis.x0 + axis.width / 2);
  keep_axis(c.panel.session, c.ui);
}

void pan(CommandContext c, double share) {
  c.ui.axis.pan(share * c.ui.axis.span);
  keep_axis(c.panel.session, c.ui);
}

void add_tracks(CommandContext c, Commands& out) {
  Session& s = c.panel.session;
  Maker make(c, out, "Tracks");
  const std::string none = unless(s.has_data() && s.length() > 0, kNoData);
  const std::string fitted =
      !none.empty() ? none : unless(!c.ui.axis.fitted(), "the whole sequence is visible");
  make.add("Zoom in", ImGuiMod_Shift | ImGuiKey_Equal, "closer magnify", none,
           [](CommandContext x) { zoom(x, 1.6); })
      .repeats = true;
  make.add("Zoom out", ImGuiKey_Minus, "farther", fitted, [](CommandContext x) { zoom(x, 1 / 1.6); })
      .repeats = true;
  make.add("Show the whole sequence", ImGuiKey_0, "fit zoom all", fitted, [](CommandContext x) {
    x.ui.axis.fit();
    keep_axis(x.panel.session, x.ui);
  });
  make.add("Pan left", ImGuiMod_Ctrl | ImGuiKey_LeftArrow, "scroll move view", fitted,
           [](CommandContext x) { pan(x, -0.25); })
      .repeats = true;
  make.add("Pan right", ImGuiMod_Ctrl | ImGuiKey_RightArrow, "scroll move view", fitted,
           [](CommandContext x) { pan(x, 0.25); })
      .repeats = true;
  make.add("Choose, order and resize tracks", ImGuiKey_T, "menu show hide", none, [](CommandContext x) {
    x.panel.state.phone_tab = PhoneTab::Tracks;
    x.ui.shell.open_tracks_menu = true;
  });
  const std::string key = c.ui.tracks.hovered;
  const auto movable = [&](int by) {
    if (!none.empty()) return none;
    if (key.empty()) return std::string("point at a track first");
    return unless(can_move_track(s, c.ui.tracks, key, by), "it stands at the edge already");
  };
  make.add("Move the track under the mouse up", ImGuiMod_Alt | ImGuiKey_UpArrow, "order reorder", movable(-1),
           [key](CommandContext x) { move_track(x.panel.session, x.ui.tracks, key, -1); })
      .repeats = true;
  make.add("Move the track under the mouse down", ImGuiMod_Alt | ImGuiKey_DownArrow, "order reorder",
           movable(1), [key](CommandContext x) { move_track(x.panel.session, x.ui.tracks, key, 1); })
      .repeats = true;
  if (!none.empty()) return;
  make.verb("Tracks in their own order and height", 0, "reset arrangement", {}, reset_arrangement);
  for (const TrackItem& item : arranged(s.project().view, c.ui.tracks)) {
    for (const std::string& one : item.keys) {
      const bool there = std::any_of(item.tracks.begin(), item.tracks.end(), [&](const Track* track) {
        return track->key() == one && track->present(s);
      });
      if (!there) continue;
      const bool hide = !hidden(s.project().view, one);
      make.add((hide ? "Hide track: " : "Show track: ") + track_name(one, s.network().spec), 0, one, {},
               [one, hide](CommandContext x) { set_track_hidden(x.panel.session, one, hide); });
    }
  }
}

void add_training(CommandContext c, Commands& out) {
  Session& s = c.panel.session;
  Maker make(c, out, "Train");
  const bool running = s.training().state == session::TrainingState::Running;
  const std::string none = unless(s.has_data(), kNoData);
  const std::string cannot = !none.empty() ? none : s.obstacle(s.network().spec.task);
  make.verb(
      running ? "Pause training" : "Train", 0, "learn start resume run", running ? "" : cannot,
      [](Session& x) { x.training().state == session::TrainingState::Running ? x.pause() : x.train(); });
  make.verb("Train one update", 0, "once step", running ? "training is running" : cannot,
            [](Session& x) { x.train_once(); });
  make.verb(
      "Stop training", 0, "end finish",
      unless(running || s.training().state == session::TrainingState::Paused, "nothing is being trained"),
      [](Session& x) { x.stop(); });
  make.verb("Back to the untrained start", 0, "reset weights", none, [](Session& x) { x.reset(); });
  make.verb("New start from another seed", 0, "random initial weights", none,
            [](Session& x) { x.new_start(); });
  const bool twin = s.showing_untrained_twin();
  make.verb(twin ? "Show the trained network again" : "Show the untrained twin", 0, "control before training",
            twin ? "" : unless(s.has_data() && s.trained(), "this network is untrained: it is its own twin"),
            [](Session& x) { x.show_untrained_twin(!x.showing_untrained_twin()); });
  make.verb("Predict all sequences", 0, "score baselines results", none, [](Session& x) { x.predict(); });
  make.verb("10-fold cross-validation", 0, "folds accuracy", cannot,
            [](Session& x) { x.cross_validate(10, 1); });
  make.verb("Leave-one-out cross-validation", 0, "folds accuracy", cannot,
            [](Session& x) { x.cross_validate(session::kLeaveOneOut, 1); });
  make.verb("Compare all rotations of this sequence", 0, "circle equivariance plasmid",
            s.has_data() ? s.equivariance_obstacle() : std::string(kNoData),
            [](Session& x) { x.measure_equivariance(); });
  make.verb("Cancel what is being computed", 0, "job stop abort",
            unless(s.job().kind != session::JobKind::None, "nothing is being computed"),
            [](Session& x) { x.cancel_job(); });
}

void add_project(CommandContext c, Commands& out) {
  Session& s = c.panel.session;
  Maker make(c, out, "Project");
  const std::string none = unless(s.has_data(), kNoData);
  make.verb(s.can_undo() ? "Undo: " + s.undo_label() : "Undo", ImGuiMod_Ctrl | ImGuiKey_Z, "back",
            unless(s.can_undo(), "there is nothing to undo"), [](Session& x) { x.undo(); })
      .repeats = true;
  make.verb("Redo", ImGuiMod_Ctrl | ImGuiMod_Shift | ImGuiKey_Z, "again",
            unless(s.can_redo(), "there is nothing to redo"), [](Session& x) { x.redo(); })
      .repeats = true;
  make.verb("Open a file", ImGuiMod_Ctrl | ImGuiKey_O, "load fasta table project", {},
            [](Session& x) { x.ask_for_file(); });
  make.add("Paste sequences or a project, anywhere", ImGuiMod_Ctrl | ImGuiKey_V, "clipboard",
           "only the key itself lets a page read the clipboard", [](CommandContext) {});
  make.verb("Type or edit sequences", 0, "editor text", {}, [](Session& x) { x.ask_for_text(); });
  make.verb("Predict pasted sequences", 0, "query unlabelled", none, [](Session& x) { x.ask_for_queries(); });
  make.verb("Copy the sequence on screen", ImGuiMod_Ctrl | ImGuiKey_C, "clipboard fasta", none,
            [](Session& x) { x.copy_sequence(); });
  make.verb("Save the project as a file", ImGuiMod_Ctrl | ImGuiKey_S, "export download ribostep json", none,
            [](Session& x) { x.export_project(); });
  make.verb("Share: copy a link", 0, "url", none, [](Session& x) { x.share(); });
  make.verb("Copy a link that is retrained on opening", 0, "share recipe", none,
            [](Session& x) { x.share(io::WeightsAs::Recipe); });
  make.verb("Copy a link with the weights, 32 bits", 0, "share", none,
            [](Session& x) { x.share(io::WeightsAs::Float32); });
  make.verb("Copy a link with the weights, 16 bits", 0, "share short", none,
            [](Session& x) { x.share(io::WeightsAs::Float16); });
  for (const session::Example& example : s.examples())
    make.add("Open example: " + example.title, 0, "data set " + example.id + " " + example.alphabet, {},
             [id = example.id](CommandContext x) { x.panel.session.load_example(id); });
}

void add_exports(CommandContext c, Commands& out) {
  Session& s = c.panel.session;
  Maker make(c, out, "Save as a file");
  const std::string none = unless(s.has_data() && s.length() > 0, kNoData);
  const auto ask = [&](std::string title, const char* words, ExportRequest::What what, std::string key) {
    make.add(std::move(title), 0, words, none, [what, key = std::move(key)](CommandContext x) {
      x.ui.shell.exports.push_back({what, key, 0, 0});
    });
  };
  ask("Figure of the tracks as SVG", "export image picture vector", ExportRequest::What::Svg, {});
  ask("Figure of the tracks as PNG", "export image picture screenshot", ExportRequest::What::Png, {});
  make.verb("Trace of this sequence as TSV", 0, "export table states gates",
            !none.empty() ? none : unless(s.trace() != nullptr, "it is still being computed"),
            [](Session& x) { x.export_trace(); });
  make.verb("Predictions as TSV", 0, "export table", unless(s.predictions().available, "press Predict first"),
            [](Session& x) { x.export_predictions(); });
  make.verb("Scan as TSV", 0, "export table windows",
            unless(!s.scan_tsv().empty(), "nothing was scanned yet"), [](Session& x) { x.export_scan(); });
  if (!none.empty()) return;
  std::vector<std::string> seen;
  for (const auto& track : c.ui.tracks.tracks) {
    if (!track->present(s) || std::find(seen.begin(), seen.end(), track->key()) != seen.end()) continue;
    seen.push_back(track->key());
    ask("Track as TSV: " + track_name(track->key(), s.network().spec), "export table",
        ExportRequest::What::Track, track->key());
  }
  for (const std::string& id : c.ui.shell.palette.tables)
    ask("Table as TSV: " + id, "export", ExportRequest::What::Table, id);
}

void add_panes(CommandContext c, Commands& out) {
  Maker make(c, out, "Panes");
  static constexpr std::pair<const char*, BottomTab> kTabs[] = {{"Curves", BottomTab::Curves},
                                                                {"Sequences", BottomTab::Sequences},
                                                                {"Results", BottomTab::Results},
                                                                {"Runs", BottomTab::Runs},
                                                                {"Conditions", BottomTab::Conditions},
                                                                {"Compare", BottomTab::Compare},
                                                                {"Attribution", BottomTab::Attribution},
                                                                {"State space", BottomTab::Space},
                                                                {"Units", BottomTab::Units},
                                                                {"Weights", BottomTab::Weights},
                                                                {"Machine", BottomTab::Machine}};
  for (const auto& [name, tab] : kTabs)
    make.add(std::string("Bring to the front: ") + name, 0, "tab show panel", {},
             [tab = tab](CommandContext x) {
               x.panel.state.bottom_tab = tab;
               x.panel.state.show_bottom_tab = true;
               x.panel.state.phone_tab = tab == BottomTab::Curves ? PhoneTab::Train : PhoneTab::Results;
             });
  static constexpr std::pair<const char*, ThemeMode> kThemes[] = {
      {"Colours as the system", ThemeMode::System},
      {"Light colours", ThemeMode::Light},
      {"Dark colours", ThemeMode::Dark}};
  for (const auto& [name, mode] : kThemes)
    make.add(name, 0, "theme", {}, [mode = mode](CommandContext x) {
      x.panel.state.theme_mode = mode;
      x.panel.state.preferences_changed = true;
    });
}

void add_help(CommandContext c, Commands& out) {
  Maker make(c, out, "Help");
  make.add("Find a command, a sequence or a position", ImGuiMod_Ctrl | ImGuiKey_K, "palette search", {},
           [](CommandContext x) { x.ui.shell.palette.opening = true; });
  make.add("Keys and gestures", ImGuiMod_Shift | ImGuiKey_Slash, "help shortcuts sheet", {},
           [](CommandContext x) { x.panel.state.help_open = !x.panel.state.help_open; });
  make.add("The models in words", 0, "help cells wiring", {},
           [](CommandContext x) { x.panel.state.help_open = x.panel.state.help_models = true; });
  make.add("Licence", 0, "about version", {}, [](CommandContext x) { x.panel.state.licence_open = true; });
}

}  // namespace

void add_core_commands(CommandContext c, Commands& out) {
  add_steps(c, out);
  add_tracks(c, out);
}

Commands make_commands(CommandContext c) {
  Commands all;
  add_core_commands(c, all);
  add_condition_commands(c, all);
  add_origin_commands(c, all);
  add_edit_commands(c, all);
  add_compare_commands(c, all);
  add_attribution_commands(c, all);
  add_unit_commands(c, all);
  add_machine_commands(c, all);
  add_training(c, all);
  add_history_commands(c, all);
  add_project(c, all);
  add_exports(c, all);
  add_panes(c, all);
  add_help(c, all);
  return all;
}

}  // namespace ribostep::ui
