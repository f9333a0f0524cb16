// The machine tab: a motif as it is typed, the automaton it becomes stage by stage, and where machine and
// network are at the cursor. Weights, proof and extraction are in files of their own.
#include <imgui_internal.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cstring>

#include "session/machine.h"
#include "session/origins.h"
#include "ui/format.h"
#include "ui/machine_parts.h"

namespace ribostep::ui {
namespace {

constexpr float kControls = 284, kNarrow = 640, kDrawingHeight = 320;
constexpr float kViewsWidth = 320;  // of the row of views, at least
constexpr const char* kViews[kMachineViews] = {"Tree",    "NFA",   "DFA",       "Minimal",
                                               "Weights", "Proof", "Back again"};
constexpr bio::AlphabetKind kKinds[] = {bio::AlphabetKind::Dna, bio::AlphabetKind::Rna,
                                        bio::AlphabetKind::Protein};

std::size_t at(int i) { return static_cast<std::size_t>(i); }

const bio::Alphabet& alphabet_of(const io::MachineSetup& setup) {
  const motif::Language* language = motif::language(setup.language);
  return bio::alphabet(language != nullptr ? language->alphabet : setup.alphabet);
}

// ---- the pattern

void set_language(Panel& p, const char* id) {
  io::MachineSetup next;
  next.language = id;
  p.session.machine().set(next);
}
void set_pattern(Panel& p, const char* pattern, bio::AlphabetKind kind, motif::Mode mode, int mismatches) {
  io::MachineSetup next;
  next.pattern = pattern;
  next.alphabet = kind;
  next.mode = mode;
  next.mismatches = mismatches;
  p.session.machine().set(next);
}

void draw_examples(Panel& p) {
  if (button("Examples\u2026###machine_examples")) ImGui::OpenPopup("##machine_menu");
  tip(p, "Motifs known from biology, and languages whose machine is known");
  ImGui::SetNextWindowSizeConstraints(ImVec2(0, 0), ImVec2(FLT_MAX, 420));
  if (!ImGui::BeginPopup("##machine_menu")) return;
  dim(p, "Motifs");
  for (const motif::Preset& preset : motif::presets()) {
    if (ImGui::MenuItem(preset.title))
      set_pattern(p, preset.pattern, preset.alphabet, preset.mode, preset.mismatches);
    tip(p, std::string(preset.pattern) + "\n" + preset.words);
  }
  ImGui::Separator();
  dim(p, "Languages");
  for (const motif::Language& language : motif::languages()) {
    if (ImGui::MenuItem(language.title)) set_language(p, language.id);
    tip(p, language.words);
  }
  ImGui::EndPopup();
}

// What is wrong with the pattern; null: nothing.
const Diagnostic* mistake(const session::MachineStages& stages) {
  for (const Diagnostic& d : stages.diagnostics)
    if (d.severity == Severity::Error) return &d;
  return nullptr;
}

// A red line under the place that is meant, as far as it is in sight.
void mark_mistake(const Panel& p, const std::string& typed, int column) {
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  const float padding = ImGui::GetStyle().FramePadding.x;
  const ImGuiInputTextState* editing = ImGui::GetInputTextState(ImGui::GetItemID());
  const std::size_t before = std::min(at(std::max(column - 1, 0)), typed.size());
  const float x = low.x + padding + ImGui::CalcTextSize(typed.data(), typed.data() + before).x -
                  (editing != nullptr ? editing->ScrollX : 0.0f);
  const float width = ImGui::CalcTextSize("A").x;
  const float left = std::clamp(x, low.x + 2, high.x - width - 2);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(ImVec2(left, high.y - 4), ImVec2(left + width, high.y - 2), p.theme.error);
  list.AddTriangleFilled(ImVec2(left + width / 2, high.y - 1), ImVec2(left + width / 2 - 4, high.y + 5),
                         ImVec2(left + width / 2 + 4, high.y + 5), p.theme.error);
}

void draw_pattern(Panel& p, MachineState& s) {
  session::Machine& m = p.session.machine();
  const io::MachineSetup& setup = m.setup();
  const motif::Language* language = motif::language(setup.language);
  if (!setup.empty()) s.wanted = setup;
  if (!s.typing) s.typed = setup.pattern;
  const float menu = ImGui::CalcTextSize("Examples\u2026").x + 2 * ImGui::GetStyle().FramePadding.x;
  {
    const FontScope font(p.fonts.mono);
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - menu - ImGui::GetStyle().ItemSpacing.x);
    const bool changed =
        ImGui::InputTextWithHint("##machine_pattern", language ? language->title : "ACG, TATAWAW", &s.typed,
                                 ImGuiInputTextFlags_AutoSelectAll);
    s.typing = ImGui::IsItemActive();
    if (changed) {
      io::MachineSetup next = s.wanted;
      if (setup.empty() || language != nullptr) {
        // The letters of the data, where a pattern can be of them.
        const bio::AlphabetKind kind = p.session.data().alphabet().kind;
        if (std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds)) next.alphabet = kind;
      }
      next.language.clear();
      next.pattern = s.typed;
      m.set(next);
    }
    if (const Diagnostic* wrong = mistake(m.stages()); wrong != nullptr && wrong->column > 0)
      mark_mistake(p, s.typed, wrong->column);
  }
  tip(p,
      "Letters and IUPAC codes, [..] [^..] . ( ) | * + ? {m,n} ^ $; with dashes a PROSITE pattern such as "
      "N-{P}-[ST]-{P}");
  ImGui::SameLine();
  draw_examples(p);
  if (const Diagnostic* wrong = mistake(m.stages()))
    severity_line(p, Severity::Error, wrong->text());
  else if (!m.stages().problem.empty())
    severity_line(p, Severity::Error, m.stages().problem);
  if (language != nullptr) return dim_wrapped(p, std::string(language->title) + ": " + language->words);

  io::MachineSetup next = s.wanted;
  next.language.clear();
  next.pattern = setup.pattern;
  bool changed = false;
  std::vector<Choice> kinds;
  int kind = -1;
  for (const bio::AlphabetKind k : kKinds) {
    if (k == next.alphabet) kind = static_cast<int>(kinds.size());
    kinds.push_back({bio::alphabet(k).name.data(), {}});
  }
  if (kind < 0) {  // a link may bring a pattern over the letters of a language
    const bio::Alphabet& letters = bio::alphabet(next.alphabet);
    dim(p, "Letters: " + std::string(letters.name) + ", " + std::string(letters.symbols));
  } else if (const int chosen = choose_segment(p, "##machine_alphabet", kinds, kind); chosen >= 0) {
    next.alphabet = kKinds[chosen], changed = true;
  }
  const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  std::vector<Choice> modes;
  for (int k = 0; k < 3; ++k) modes.push_back({motif::label(static_cast<motif::Mode>(k)), {}});
  ImGui::SetNextItemWidth(half);
  if (const int chosen = choose_from_list(p, "##machine_mode", modes, static_cast<int>(next.mode));
      chosen >= 0)
    next.mode = static_cast<motif::Mode>(chosen), changed = true;
  tip(p,
      "contains: once found it stays found. ends here: each occurrence, at its last letter. whole sequence: "
      "nothing before or behind it");
  ImGui::SameLine();
  constexpr const char* kMismatches[motif::kMaxMismatches + 1] = {"no mismatch", "1 mismatch",
                                                                  "2 mismatches"};
  std::vector<Choice> allowed;
  for (const char* words : kMismatches) allowed.push_back({words, {}});
  ImGui::SetNextItemWidth(half);
  if (const int chosen = choose_from_list(p, "##machine_mismatches", allowed, next.mismatches); chosen >= 0)
    next.mismatches = chosen, changed = true;
  tip(p, "So many letters may be others than the motif's");
  if (!changed) return;
  s.wanted = next;
  m.set(next);
}

// Why machine and network are not compared along this sequence; empty where they are, or will be.
std::string not_compared(const session::Machine& m) {
  const session::LockStep* lock = m.lock_step();
  if (lock == nullptr || lock->compared > 0 || !lock->disagreements.empty()) return {};
  const std::string why = m.lock_note();
  return why.empty() ? "the letters of this sequence leave open what the machine does" : why;
}

void draw_lock(Panel& p) {
  session::Machine& m = p.session.machine();
  const session::LockStep* lock = m.lock_step();
  if (m.setup().empty() || !m.stages().ok()) return;
  if (lock == nullptr) {
    const std::string why = m.lock_obstacle();
    return dim_wrapped(p, why.empty() ? "Following the sequence\u2026" : "Not stepping along: " + why + ".");
  }
  const std::size_t count = lock->disagreements.size();
  const std::string why_not = not_compared(m);
  if (button("Next disagreement###next_disagreement", count > 0)) {
    p.session.origins().note_jump();
    m.jump_to_disagreement();
  }
  tip(p,
      !why_not.empty() ? "Nothing is compared: " + why_not
      : count > 0      ? "To the next position where machine and network differ"
                       : "They agree at every position",
      "J");
  if (why_not.empty()) {
    ImGui::SameLine();
    ImGui::AlignTextToFramePadding();
    dim(p, count > 0 ? thousands(static_cast<std::int64_t>(count)) + " here" : "none here");
  } else {
    dim_sentence(p, "Nothing is compared: " + why_not + ".");
  }
  const int position = p.session.position();
  const bool differ = std::binary_search(lock->disagreements.begin(), lock->disagreements.end(),
                                         static_cast<std::uint32_t>(position));
  const std::string words = std::to_string(position) + ": " + m.lock_words(position);
  if (differ)
    icon_line(p, Icon::Error, p.theme.error, words);
  else
    dim_wrapped(p, words);
}

void draw_controls(Panel& p, MachineState& s) {
  draw_pattern(p, s);
  draw_lock(p);
}

// ---- the stages

// Makes the drawing of the stage on show where it is of another one; why there is none.
std::string refresh_stage(Panel& p, MachineState& s) {
  const session::Machine& m = p.session.machine();
  const session::MachineStages& stages = m.stages();
  const bool tree = s.view == MachineView::Tree, nfa = s.view == MachineView::Nfa;
  const auto& dfa = s.view == MachineView::Dfa ? stages.dfa : stages.minimal;
  if (tree ? !stages.pattern : nfa ? !stages.nfa : !dfa) {
    if ((tree || nfa) && stages.minimal)
      return "A language is given as a machine: it has no pattern behind it.";
    return mistake(stages) != nullptr ? "The pattern has a mistake: see the red line under it."
                                      : "This stage could not be made: " + stages.problem + ".";
  }
  const std::uint64_t of = m.stages_serial() * kMachineViews + static_cast<std::uint64_t>(s.view) + 1;
  if (s.stage.of == of) return {};
  const bio::Alphabet& alphabet = alphabet_of(stages.setup);
  if (tree)
    picture_tree(p, *stages.pattern, s.stage);
  else if (nfa)
    picture_nfa(p, *stages.nfa, alphabet, s.stage);
  else
    picture_dfa(p, *dfa, s.view == MachineView::Minimal ? stages.access : std::vector<motif::Word>{},
                alphabet, s.stage);
  s.stage.of = of;
  return {};
}

// Where machine and network are, and which unit the mouse is on.
MachineMarks marks_of(const Panel& p, const UiState& ui) {
  MachineMarks marks;
  const session::Machine& m = p.session.machine();
  if (const session::LockStep* lock = m.lock_step()) {
    const std::size_t t = at(p.session.position());
    if (t < lock->machine.state.size()) {
      marks.current = lock->machine.state[t];
      // Where an ambiguity code leaves the machine's state open nothing disagrees with it.
      if (marks.current >= 0 && t < lock->told.size() && lock->told[t] != marks.current)
        marks.told = lock->told[t];
      if (t > 0 && t <= p.session.letters().size()) {
        marks.from = lock->machine.state[t - 1];
        marks.letter = p.session.letters()[t - 1];
      }
    }
  }
  const Hover& hover = ui.hover_previous;
  if (const motif::Code* code = m.compiled() ? m.code() : nullptr;
      code != nullptr && hover.layer == 0 && hover.unit >= 0 &&
      hover.unit < static_cast<int>(code->units.size()))
    marks.ring = code->units[at(hover.unit)].state;
  return marks;
}

// Units that stand for a state, lighting up the first of them that is on everywhere; as words.
std::string light_units(const Panel& p, UiState& ui, int state) {
  const session::Machine& m = p.session.machine();
  const motif::Code* code = m.compiled() ? m.code() : nullptr;
  if (code == nullptr) return {};
  std::string words;
  for (std::size_t u = 0; u < code->units.size(); ++u) {
    if (code->units[u].state != state) continue;
    if (words.empty()) {
      ui.hover.layer = 0;
      ui.hover.unit = static_cast<int>(u);
    }
    words += (words.empty() ? "unit " : ", ") + std::to_string(u);
  }
  return words.empty() ? "\ntold by no unit being on" : "\n" + words;
}

void go_to_state(Panel& p, int state) {
  const session::LockStep* lock = p.session.machine().lock_step();
  if (lock == nullptr) return;
  const auto& states = lock->machine.state;
  const auto here = states.begin() + std::min<std::ptrdiff_t>(p.session.position() + 1, std::ssize(states));
  auto found = std::find(here, states.end(), state);
  if (found == states.end()) found = std::find(states.begin(), here, state);
  if (found == states.end()) return;
  p.session.origins().note_jump();
  p.session.go_to(static_cast<int>(found - states.begin()));
}

void draw_stage(Panel& p, UiState& ui, ImVec2 size) {
  MachineState& s = ui.machine;
  const session::Machine& m = p.session.machine();
  if (const std::string why = refresh_stage(p, s); !why.empty()) return dim_wrapped(p, why);
  const float top = ImGui::GetCursorPosY();
  dim_wrapped(p, m.summary());
  const float height = std::max(size.y - (ImGui::GetCursorPosY() - top), 90.0f);
  const bool large = s.stage.graph.nodes.empty();
  if (large || s.as_text) {
    if (large)
      dim_wrapped(p, "More than " + std::to_string(motif::kMaxDrawnNodes) +
                         " nodes are not drawn: nobody could read them. In words:");
    const FontScope font(p.fonts.mono_small);
    if (ImGui::BeginChild("##machine_text", ImVec2(0, height - (large ? 22.0f : 0.0f)),
                          ImGuiChildFlags_Border, ImGuiWindowFlags_HorizontalScrollbar))
      text(s.stage.text);
    ImGui::EndChild();
    return;
  }
  const bool minimal = s.view == MachineView::Minimal;
  const MachineMarks marks = minimal ? marks_of(p, ui) : MachineMarks{};
  const MachineMouse mouse = draw_machine(p, s.stage, "##machine_drawing", ImVec2(size.x, height), marks);
  if (mouse.hovered < 0) return;
  const session::MachineStages& stages = m.stages();
  if (minimal) {
    const std::string units = light_units(p, ui, mouse.hovered);
    tip(p, motif::state_label(*stages.minimal, stages.access, mouse.hovered) +
               (stages.minimal->accepts(mouse.hovered) ? ", accepts" : ", rejects") +
               (motif::is_sink(*stages.minimal, mouse.hovered) ? "; never left" : "") + units +
               (m.lock_step() != nullptr ? "\nClick: to where the sequence is in it next" : ""));
    if (mouse.clicked) go_to_state(p, mouse.hovered);
  } else if (s.view == MachineView::Tree) {
    tip(p, s.stage.nodes[at(mouse.hovered)].name);
  } else {
    tip(p, s.stage.nodes[at(mouse.hovered)].marked ? "accepts" : "rejects, if it ends here");
  }
}

void draw_views(Panel& p, MachineState& s, float width) {
  const ImGuiStyle& style = ImGui::GetStyle();
  const bool tools = s.view <= MachineView::Minimal && !p.session.machine().setup().empty();
  const char* const kButtons[] = {"as text", "Fit", "Copy", "DOT"};
  float taken = 22;
  for (const char* words : kButtons)
    taken += ImGui::CalcTextSize(words).x + 2 * style.FramePadding.x + style.ItemSpacing.x;
  const bool one_line = width - taken > kViewsWidth;
  std::vector<Choice> views;
  for (const char* words : kViews) views.push_back({words, {}});
  const float room = one_line ? std::min(width - taken, 460.0f) : std::min(width, 520.0f);
  if (ImGui::BeginChild("##machine_views", ImVec2(room, ImGui::GetFrameHeight())))
    if (const int chosen = choose_segment(p, "##machine_view", views, static_cast<int>(s.view)); chosen >= 0)
      s.view = static_cast<MachineView>(chosen);
  ImGui::EndChild();
  if (!tools) return;
  if (one_line) ImGui::SameLine();
  toggle(p, kButtons[0], s.as_text);
  tip(p, "The stage in words instead of a drawing");
  ImGui::SameLine();
  if (button("Fit###machine_fit", !s.as_text)) s.stage.zoom = 0;
  tip(p, "Wheel: zoom. Drag: move. Fit: as much as can be read");
  ImGui::SameLine();
  if (button("Copy###copy_machine")) post(p, {{"type", "copy"}, {"text", s.stage.text}});
  tip(p, "Copies this stage as text");
  ImGui::SameLine();
  if (button("DOT###dot_machine")) post(p, {{"type", "copy"}, {"text", s.stage.dot}});
  tip(p, "Copies it for Graphviz");
}

void draw_nothing(Panel& p) {
  ImGui::TextWrapped(
      "Type a motif and watch it become an automaton, then the weights of a network, and step through all of "
      "them together; or get the automaton out of a trained network. Try:");
  if (button("ACG")) set_pattern(p, "ACG", bio::AlphabetKind::Dna, motif::Mode::Contains, 0);
  tip(p, "The textbook's example: four states, and one that no single unit can stand for");
  ImGui::SameLine();
  if (button("TATAWAW")) set_pattern(p, "TATAWAW", bio::AlphabetKind::Dna, motif::Mode::Contains, 0);
  tip(p, "The TATA box; W is A or T");
  ImGui::SameLine();
  if (button("Tomita 4")) set_language(p, "tomita4");
  tip(p, "Bits without 000: learn it from examples and get the machine back");
}

void draw_content(Panel& p, UiState& ui, ImVec2 size) {
  MachineState& s = ui.machine;
  const float top = ImGui::GetCursorPosY();
  draw_views(p, s, size.x);
  const ImVec2 room(size.x, size.y - (ImGui::GetCursorPosY() - top));
  if (s.view == MachineView::Extract)
    draw_machine_back(p, ui, room);
  else if (p.session.machine().setup().empty())
    draw_nothing(p);
  else if (s.view == MachineView::Weights)
    draw_machine_weights(p, ui, room);
  else if (s.view == MachineView::Proof)
    draw_machine_proof(p, ui, room);
  else
    draw_stage(p, ui, room);
}

void show(CommandContext c, MachineView view) {
  c.ui.machine.view = view;
  c.panel.state.bottom_tab = BottomTab::Machine;
  c.panel.state.show_bottom_tab = true;
  if (!c.panel.touch) return;
  c.panel.state.phone_tab = PhoneTab::Results;
  c.panel.state.show_phone_tab = true;
}

}  // namespace

std::string broken_at_spaces(ImFont* font, const std::string& words, float room) {
  std::string out = words;
  float x = 0;
  for (std::size_t from = 0; from < words.size();) {
    const std::size_t to = std::min(words.find(' ', from + 1), words.size());
    const float width = font->CalcTextSizeA(font->FontSize, FLT_MAX, 0, &words[from], &words[to]).x;
    x += width;
    if (x > room && from > 0) {
      out[from] = '\n';
      x = width;
    }
    from = to;
  }
  return out;
}
void dim_sentence(const Panel& p, const std::string& words) {
  dim_wrapped(p, broken_at_spaces(p.fonts.small, words, ImGui::GetContentRegionAvail().x - 1));
}
void icon_sentence(const Panel& p, Icon icon, ImU32 colour, const std::string& words) {
  const float room = ImGui::GetContentRegionAvail().x - p.fonts.small->FontSize - 8;
  icon_line(p, icon, colour, broken_at_spaces(p.fonts.small, words, room));
}

void draw_machine_panel(Panel& p, UiState& ui, ImVec2 size) {
  follow_compiled(ui.machine, p.session.machine());
  if (size.x < kNarrow) {
    draw_controls(p, ui.machine);
    draw_content(p, ui, ImVec2(size.x, kDrawingHeight));
    return;
  }
  if (ImGui::BeginChild("##machine_controls", ImVec2(kControls, size.y))) draw_controls(p, ui.machine);
  ImGui::EndChild();
  ImGui::SameLine(0, 12);
  const ImVec2 room(size.x - kControls - 12, size.y);
  if (ImGui::BeginChild("##machine_content", room)) draw_content(p, ui, room);
  ImGui::EndChild();
}

void add_machine_commands(CommandContext c, Commands& out) {
  session::Session& session = c.panel.session;
  session::Machine& m = session.machine();
  const auto add = [&](std::string title, ImGuiKeyChord chord, const char* words, std::string why_not,
                       std::function<void()> act) {
    out.push_back({"Machine", std::move(title), chord, false, words, std::move(why_not), std::move(act)});
  };
  follow_compiled(c.ui.machine, m);
  const motif::Construction how = c.ui.machine.construction;
  add("Show the machine", ImGuiKey_M, "automaton DFA state motif pattern", {},
      [c] { show(c, c.ui.machine.view); });
  add("Next disagreement of network and machine", ImGuiKey_J, "jump first error lock step",
      m.lock_obstacle().empty() ? not_compared(m) : m.lock_obstacle(), [&session] {
        const session::LockStep* lock = session.machine().lock_step();
        if (lock != nullptr && !lock->disagreements.empty()) session.origins().note_jump();
        session.machine().jump_to_disagreement();
      });
  add("Compile the machine into the network", 0, "weights motif", m.compile_obstacle(how), [c, how] {
    show(c, MachineView::Weights);
    c.panel.session.machine().compile(how);
  });
  add("Check all stages of the machine", 0, "proof verify agreement",
      m.check_busy() ? "it is being checked" : m.check_obstacle(), [c] {
        show(c, MachineView::Proof);
        c.panel.session.machine().check();
      });
  add("Extract a machine from the network", 0, "L* clusters automaton",
      m.extract_busy() ? "one is being extracted" : m.extract_obstacle(c.ui.machine.extraction.clusters),
      [c] {
        show(c, MachineView::Extract);
        c.panel.session.machine().extract(c.ui.machine.extraction, c.ui.machine.accept_class);
      });
  add("Make training data from the machine", 0, "language strings sample",
      m.compile_obstacle(motif::Construction::Exact), [c] {
        show(c, MachineView::Extract);
        c.panel.session.machine().make_data(c.ui.machine.sample);
      });
  add("Add the counterexample and train on", 0, "extract retrain", m.counterexample_obstacle(),
      [&session] { session.machine().learn_counterexample(true); });
  for (int k = 0; k < kMachineViews; ++k)
    add(std::string("Machine: ") + kViews[k], 0, "view stage automaton", {},
        [c, k] { show(c, static_cast<MachineView>(k)); });
}

}  // namespace ribostep::ui
