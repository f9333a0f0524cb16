// The command palette; see palette.h. What there is to command is commands_core.cpp's and the panels'.
#include "ui/palette.h"

#include <imgui.h>
#include <misc/cpp/imgui_stdlib.h>

#include <algorithm>
#include <cctype>

#include "session/figure_words.h"
#include "ui/commands_core.h"
#include "ui/keyboard.h"
#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr int kMostSequences = 12;
constexpr int kMostSearched = 200'000;  // names looked through for a query

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

bool begins_word(const std::string& text, std::size_t at) {
  return at == 0 || std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0;
}

// 1 at the beginning of a word, 0.5 inside one, 0 nowhere.
double where(const std::string& text, const std::string& word) {
  double best = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if (begins_word(text, at)) return 1;
    best = 0.5;
  }
  return best;
}

bool in_order(const std::string& text, const std::string& letters) {
  std::size_t at = 0;
  for (const char c : letters) {
    at = text.find(c, at);
    if (at == std::string::npos) return false;
    ++at;
  }
  return true;
}

// "123", "go to 123", "position 123"; -1: no number.
int number_in(const std::string& query) {
  const std::vector<std::string> words = words_of(query);
  if (words.empty() || words.back().size() > 9) return -1;
  for (const char c : words.back())
    if (c < '0' || c > '9') return -1;
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] != "go" && words[i] != "to" && words[i] != "position" && words[i] != "pos") return -1;
  return std::stoi(words.back());
}

void find_sequences(const session::Session& session, PaletteState& state, const std::string& query) {
  const std::string& data = session.project().data.content_hash;
  if (state.found_for == query && state.found_in == data) return;
  state.found_for = query;
  state.found_in = data;
  state.found.clear();
  if (query.empty() || !session.has_data()) return;
  const int count = std::min(session.data().size(), kMostSearched);
  for (int i = 0; i < count && static_cast<int>(state.found.size()) < kMostSequences; ++i)
    if (lower(session.data().name(i)).find(query) != std::string::npos) state.found.push_back(i);
}

void draw_line(const Panel& p, const Command& command, bool chosen, bool& run, bool& hovered) {
  const float line = ImGui::GetTextLineHeight();
  const bool possible = command.why_not.empty();
  const std::string keys = chord_words(command.chord);
  const std::string aside = possible ? command.group : command.why_not;
  const std::string label = command.title + "##" + command.group;
  ImGui::PushStyleColor(ImGuiCol_Text, possible ? p.theme.text : p.theme.text_dim);
  run = ImGui::Selectable(label.c_str(), chosen, ImGuiSelectableFlags_DontClosePopups,
                          ImVec2(0, line + (p.touch ? 18.0f : 8.0f)));
  ImGui::PopStyleColor();
  hovered = ImGui::IsItemHovered();
  const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float right = max.x - 8;
  if (!keys.empty()) {
    right -= ImGui::CalcTextSize(keys.c_str()).x;
    list.AddText(ImVec2(right, min.y), possible ? p.theme.accent : p.theme.text_dim, keys.c_str());
    right -= 14;
  }
  const FontScope font(p.fonts.small);
  const float left = min.x + ImGui::CalcTextSize(command.title.c_str()).x * 1.2f + 24;
  const std::string words = fitted_text(aside, right - left);
  if (right - left > 60)
    list.AddText(ImVec2(right - ImGui::CalcTextSize(words.c_str()).x, min.y + 2),
                 possible ? p.theme.text_dim : p.theme.warning, words.c_str());
}

void draw_notice(const Panel& p, const UiState& ui, float width, float height) {
  const std::string& words = ui.shell.notice;
  if (words.empty()) return;
  const ImVec2 size = ImGui::CalcTextSize(words.c_str(), nullptr, false, width - 80);
  const ImVec2 min((width - size.x) / 2 - 12, height - size.y - 64);
  const ImVec2 max(min.x + size.x + 24, min.y + size.y + 14);
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  list.AddRectFilled(min, max, p.theme.panel, 6);
  list.AddRect(min, max, p.theme.warning, 6);
  list.AddText(nullptr, 0, ImVec2(min.x + 12, min.y + 7), p.theme.text, words.c_str(), nullptr, width - 80);
}

}  // namespace

double match(const Command& command, std::string_view query) {
  const std::string title = lower(command.title), more = lower(command.group + " " + command.words);
  double sum = 0;
  for (const std::string& word : words_of(lower(query))) {
    const double in_title = 4 * where(title, word), elsewhere = 2 * where(more, word);
    double best = std::max(in_title, elsewhere);
    if (best == 0 && word.size() > 1 && in_order(title, word)) best = 0.5;
    if (best == 0) return 0;
    sum += best;
  }
  // Of two that match alike, the one that says little else, and the one that is possible now.
  return sum + 1 / (8 + static_cast<double>(title.size())) + (command.why_not.empty() ? 0.2 : 0);
}

Commands found_commands(CommandContext c, PaletteState& state) {
  session::Session& s = c.panel.session;
  Commands all = make_commands(c);
  const std::string query = lower(state.query);
  if (words_of(query).empty()) return all;
  struct Scored {
    double score;
    Command command;
  };
  std::vector<Scored> scored;
  const int position = number_in(query);
  if (position >= 0) {
    Command go;
    go.group = "Read";
    go.title = "Go to position " + std::to_string(position);
    if (!s.has_data())
      go.why_not = "load sequences first";
    else if (position > s.length())
      go.why_not = "this sequence ends at " + std::to_string(s.length());
    go.act = [&s, position] { s.go_to(position); };
    scored.push_back({1e9, std::move(go)});
  }
  for (Command& command : all) {
    const double score = match(command, query);
    if (score > 0) scored.push_back({score, std::move(command)});
  }
  find_sequences(s, state, query);
  for (const int record : state.found) {
    Command select;
    select.group = "Sequence " + std::to_string(record + 1);
    select.title = std::string(s.data().name(record));
    select.act = [&s, record] { s.select_sequence(record); };
    scored.push_back({lower(select.title) == query ? 1e8 : 1.9, std::move(select)});
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  Commands found;
  for (Scored& one : scored) found.push_back(std::move(one.command));
  return found;
}

void draw_palette(Panel& p, UiState& ui, float screen_width, float screen_height) {
  constexpr const char* kPopup = "##palette";
  PaletteState& state = ui.shell.palette;
  draw_notice(p, ui, screen_width, screen_height);
  if (state.opening) {
    state.opening = false;
    state.query.clear();
    state.chosen = 0;
    ImGui::OpenPopup(kPopup);
  }
  const float width = std::min(640.0f, screen_width - 20);
  ImGui::SetNextWindowPos(ImVec2(screen_width * 0.5f, std::min(90.0f, screen_height * 0.1f)),
                          ImGuiCond_Always, ImVec2(0.5f, 0));
  ImGui::SetNextWindowSize(ImVec2(width, 0));
  state.open = ImGui::BeginPopup(kPopup, ImGuiWindowFlags_NoMove);
  if (!state.open) return;
  if (state.tables_serial != p.session.serial() &&
      p.session.training().state != session::TrainingState::Running) {
    state.tables_serial = p.session.serial();
    state.tables = session::mirror_tables(p.session);
  }
  if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(-1);
  const bool enter = ImGui::InputTextWithHint("##command", "Search commands, sequences, positions",
                                              &state.query, ImGuiInputTextFlags_EnterReturnsTrue);
  if (ImGui::IsItemEdited()) {
    state.chosen = 0;
    state.scroll = true;
  }
  const Commands found = found_commands({p, ui}, state);
  const int count = static_cast<int>(found.size());
  const auto go = [&](ImGuiKey key, int by) {
    if (!ImGui::IsKeyPressed(key, true) || count == 0) return;
    const int to = state.chosen + by;
    state.chosen = by == 1 || by == -1 ? (to + count) % count : std::clamp(to, 0, count - 1);
    state.scroll = true;
  };
  go(ImGuiKey_DownArrow, 1);
  go(ImGuiKey_UpArrow, -1);
  go(ImGuiKey_PageDown, 8);
  go(ImGuiKey_PageUp, -8);
  state.chosen = std::clamp(state.chosen, 0, std::max(0, count - 1));
  const ImGuiIO& io = ImGui::GetIO();
  const bool again = (io.KeyCtrl || io.KeySuper) && ImGui::IsKeyPressed(ImGuiKey_K, false);
  bool close = ImGui::IsKeyPressed(ImGuiKey_Escape, false) || (again && !ImGui::IsWindowAppearing());
  int run = enter && count > 0 ? state.chosen : -1;
  const float room = std::max(80.0f, std::min(440.0f, screen_height * 0.62f));
  if (ImGui::BeginChild("##found", ImVec2(0, room))) {
    for (int i = 0; i < count; ++i) {
      bool pressed = false, hovered = false;
      ImGui::PushID(i);
      draw_line(p, found[static_cast<std::size_t>(i)], i == state.chosen, pressed, hovered);
      ImGui::PopID();
      if (state.scroll && i == state.chosen) ImGui::SetScrollHereY(0.5f);
      if (hovered && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) state.chosen = i;
      if (pressed) run = i;
    }
    state.scroll = false;
    if (count == 0) dim(p, "Nothing is called so.");
  }
  ImGui::EndChild();
  if (run >= 0 && found[static_cast<std::size_t>(run)].why_not.empty())
    close = true;
  else
    run = -1;
  if (enter && !close) ImGui::SetKeyboardFocusHere(-1);
  if (close) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  if (run >= 0) found[static_cast<std::size_t>(run)].act();
}

}  // namespace ribostep::ui
