// Pictures of machines; see machine_graph.h.
#include "ui/machine_graph.h"

#include <imgui_internal.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "ui/widgets.h"

namespace ribostep::ui {
namespace {

constexpr float kRound = 30, kTwoLines = 40, kBox = 22;  // heights of nodes
constexpr std::size_t kLongestWord = 7, kMostWithWords = 40;
constexpr float kStartArrow = 22, kEdgeRoom = 8;
constexpr float kLeastFit = 0.55f, kMostFit = 1.15f, kLeastZoom = 0.1f, kMostZoom = 4;

std::size_t at(int i) { return static_cast<std::size_t>(i); }

ImVec2 measured(ImFont* font, const std::string& text) {
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.c_str());
}

// "CGT" where that is short; "any", "[^P]".
std::string edge_words(std::uint32_t letters, const bio::Alphabet& alphabet) {
  const int count = std::popcount(letters);
  if (count == alphabet.size() && count > 2) return "any";
  if (count > 4) return motif::letters_text(letters, alphabet);
  std::string text;
  for (int k = 0; k < alphabet.size(); ++k)
    if ((letters >> static_cast<unsigned>(k) & 1u) != 0) text += alphabet.symbols[at(k)];
  return text;
}

void add_node(MachineDrawing& out, std::string name, std::string more = {}, bool marked = false) {
  out.nodes.push_back({std::move(name), std::move(more), marked});
}
void add_edge(MachineDrawing& out, int from, int to, std::string name, bool marked) {
  // One line for all that leads from one node to another in the same way.
  for (std::size_t e = 0; e < out.edges.size(); ++e) {
    const motif::GraphEdge& edge = out.graph.edges[e];
    if (edge.from != from || edge.to != to || out.edges[e].marked != marked) continue;
    out.edges[e].name += " " + name;
    return;
  }
  out.graph.edges.push_back({from, to});
  out.edges.push_back({std::move(name), {}, marked});
}

void begin(MachineDrawing& out) {
  out.graph = {};
  out.nodes.clear();
  out.edges.clear();
  out.zoom = 0;
  out.start = 0;
  out.tree = out.two_lines = false;
}

void finish(const Panel& p, MachineDrawing& out) {
  if (static_cast<int>(out.nodes.size()) > motif::kMaxDrawnNodes) return;
  const float height = out.tree ? kBox : out.two_lines ? kTwoLines : kRound;
  for (const MachineDrawing::Words& node : out.nodes) {
    float width = measured(p.fonts.small, node.name).x;
    if (out.two_lines) width = std::max(width, measured(p.fonts.mono_small, node.more).x);
    out.graph.nodes.push_back({std::max(height, width + (out.tree ? 14.0f : 18.0f)), height});
  }
  for (std::size_t e = 0; e < out.edges.size(); ++e) {
    if (out.edges[e].name.empty()) continue;
    const ImVec2 size = measured(p.fonts.mono_small, out.edges[e].name);
    out.graph.edges[e].label_width = size.x + 2;
    out.graph.edges[e].label_height = size.y;
  }
  motif::lay_out(out.graph, out.start, out.tree);
}

struct View {
  const MachineDrawing& drawing;
  ImDrawList& list;
  ImVec2 pixel(float x, float y) const {
    return ImVec2(drawing.left + drawing.x + x * drawing.scale, drawing.top + drawing.y + y * drawing.scale);
  }
  // Centred; left out where it could not be read.
  void write(ImFont* font, ImVec2 centre, ImU32 ink, const std::string& words) const {
    const float size = font->FontSize * drawing.scale;
    if (size < 5) return;
    const ImVec2 room = measured(font, words);
    list.AddText(font, size,
                 ImVec2(centre.x - room.x * drawing.scale / 2, centre.y - room.y * drawing.scale / 2), ink,
                 words.c_str());
  }
};

ImVec2 bezier(const ImVec2* q, float t) {
  const float s = 1 - t, a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
  return ImVec2(a * q[0].x + b * q[1].x + c * q[2].x + d * q[3].x,
                a * q[0].y + b * q[1].y + c * q[2].y + d * q[3].y);
}

void draw_edge(const View& v, const motif::GraphEdge& edge, ImU32 ink, float width, bool dashed, bool arrow) {
  const std::vector<float>& points = edge.points;
  for (std::size_t i = 0; i + 7 < points.size(); i += 6) {
    ImVec2 q[4];
    for (std::size_t k = 0; k < 4; ++k) q[k] = v.pixel(points[i + 2 * k], points[i + 2 * k + 1]);
    const auto x = std::minmax({q[0].x, q[1].x, q[2].x, q[3].x}),
               y = std::minmax({q[0].y, q[1].y, q[2].y, q[3].y});
    const ImVec2 low = v.list.GetClipRectMin(), high = v.list.GetClipRectMax();
    if (x.second < low.x || x.first > high.x || y.second < low.y || y.first > high.y) continue;
    if (!dashed) {
      v.list.AddBezierCubic(q[0], q[1], q[2], q[3], ink, width, 16);
      continue;
    }
    const int dashes =
        std::max(1, static_cast<int>((std::fabs(q[3].x - q[0].x) + std::fabs(q[3].y - q[0].y)) / 7));
    for (int k = 0; k < dashes; ++k) {
      const float t = static_cast<float>(k) / static_cast<float>(dashes);
      v.list.AddLine(bezier(q, t), bezier(q, t + 0.55f / static_cast<float>(dashes)), ink, width);
    }
  }
  if (!arrow || points.size() < 2) return;
  const ImVec2 tip = v.pixel(points.end()[-2], points.end()[-1]);
  const float length = (width > 2 ? 9.0f : 7.0f) * std::min(v.drawing.scale, 1.2f), x = edge.tip_x * length,
              y = edge.tip_y * length;
  v.list.AddTriangleFilled(tip, ImVec2(tip.x - x - y * 0.42f, tip.y - y + x * 0.42f),
                           ImVec2(tip.x - x + y * 0.42f, tip.y - y - x * 0.42f), ink);
}

// Where the picture lies in the area: as the person has it, else as much as can be read, around the state.
void place(MachineDrawing& d, ImVec2 size, int current) {
  const float left = d.tree ? 0 : kStartArrow, margin = kEdgeRoom;
  const float w = d.graph.width + left, h = d.graph.height;
  if (d.zoom > 0) {
    d.scale = d.zoom;
    return;
  }
  const float fit = std::min((size.x - 2 * margin) / w, (size.y - 2 * margin) / h);
  d.scale = std::clamp(fit, kLeastFit, kMostFit);
  const motif::GraphNode& node = d.graph.nodes[at(std::max(current, 0))];
  const auto along = [&](float room, float whole, float before, float wanted) {
    whole *= d.scale;
    if (whole + 2 * margin <= room) return (room - whole) / 2 + before * d.scale;
    return std::clamp(room / 2 - wanted * d.scale, room - whole - margin + before * d.scale,
                      margin + before * d.scale);
  };
  d.x = along(size.x, w, left, node.x);
  d.y = along(size.y, h, 0, node.y);
}

void handle_mouse(MachineDrawing& d, bool hovered, bool active) {
  const ImGuiIO& io = ImGui::GetIO();
  if (hovered) ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
  if (hovered && io.MouseWheel != 0) {
    const float next = std::clamp(d.scale * std::pow(1.2f, io.MouseWheel), kLeastZoom, kMostZoom);
    const float x = io.MousePos.x - d.left, y = io.MousePos.y - d.top;
    d.x = x - (x - d.x) * next / d.scale;
    d.y = y - (y - d.y) * next / d.scale;
    d.zoom = d.scale = next;
  }
  if (ImGui::IsItemActivated()) d.moved = false;
  if (!active || !ImGui::IsMouseDragging(ImGuiMouseButton_Left, 4)) return;
  d.moved = true;
  d.zoom = d.scale;
  d.x += io.MouseDelta.x;
  d.y += io.MouseDelta.y;
}

}  // namespace

void picture_tree(const Panel& p, const motif::Pattern& pattern, MachineDrawing& out) {
  begin(out);
  out.tree = true;
  out.text = motif::to_text(pattern);
  out.dot = motif::to_dot(pattern);
  // The text is a node a line, each after its parent and indented by two more.
  std::vector<int> path;
  for (std::size_t from = 0; from < out.text.size();) {
    const std::size_t end = std::min(out.text.find('\n', from), out.text.size());
    const std::size_t word = std::min(out.text.find_first_not_of(' ', from), end);
    path.resize((word - from) / 2);
    const int node = static_cast<int>(out.nodes.size());
    if (!path.empty()) add_edge(out, path.back(), node, {}, false);
    path.push_back(node);
    add_node(out, out.text.substr(word, end - word));
    from = end + 1;
  }
  finish(p, out);
}

void picture_nfa(const Panel& p, const motif::Nfa& nfa, const bio::Alphabet& alphabet, MachineDrawing& out) {
  begin(out);
  out.text = motif::to_text(nfa, alphabet);
  out.dot = motif::to_dot(nfa, alphabet);
  out.start = nfa.start;
  for (int s = 0; s < nfa.states; ++s) add_node(out, std::to_string(s), {}, s == nfa.accept);
  if (nfa.states <= motif::kMaxDrawnNodes)
    for (const motif::Nfa::Edge& edge : nfa.edges)
      add_edge(out, edge.from, edge.to,
               edge.guard == motif::Nfa::Guard::AtStart ? "^"
               : edge.guard == motif::Nfa::Guard::AtEnd ? "$"
               : edge.letters == 0                      ? "\u03b5"
                                                        : edge_words(edge.letters, alphabet),
               edge.mismatch);
  finish(p, out);
}

void picture_dfa(const Panel& p, const motif::Dfa& dfa, const std::vector<motif::Word>& access,
                 const bio::Alphabet& alphabet, MachineDrawing& out) {
  begin(out);
  out.text = motif::to_text(dfa, alphabet);
  out.dot = motif::to_dot(dfa, alphabet);
  out.start = dfa.start;
  const int states = dfa.states();
  out.two_lines = at(states) <= kMostWithWords && access.size() == at(states);
  std::vector<std::uint32_t> to(at(states));
  for (int s = 0; s < states; ++s) {
    std::string word;
    if (out.two_lines) {
      word = motif::word_text(access[at(s)], dfa.symbols);
      if (word.size() > kLongestWord) word = "\u2026" + word.substr(word.size() - kLongestWord + 1);
    }
    add_node(out, motif::state_name(s), std::move(word), dfa.accepts(s));
    if (states > motif::kMaxDrawnNodes) continue;
    std::fill(to.begin(), to.end(), 0u);
    for (int a = 0; a < dfa.letters(); ++a) to[at(dfa.step(s, a))] |= 1u << static_cast<unsigned>(a);
    for (int next = 0; next < states; ++next)
      if (to[at(next)] != 0) add_edge(out, s, next, edge_words(to[at(next)], alphabet), false);
  }
  finish(p, out);
}

MachineMouse draw_machine(const Panel& p, MachineDrawing& d, const char* id, ImVec2 size,
                          const MachineMarks& marks) {
  MachineMouse out;
  const ImVec2 low = ImGui::GetCursorScreenPos(), high(low.x + size.x, low.y + size.y);
  ImGui::InvisibleButton(id, size);
  if (d.graph.nodes.empty()) return out;
  d.left = low.x;
  d.top = low.y;
  place(d, size, marks.current >= 0 ? marks.current : d.start);
  const bool hovered = ImGui::IsItemHovered();
  handle_mouse(d, hovered, ImGui::IsItemActive());

  const Theme& t = p.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(low, high, t.panel_alt, 4);
  list.PushClipRect(low, high, true);
  const View v{d, list};
  int taken = -1;
  for (std::size_t e = 0; e < d.edges.size(); ++e) {
    const motif::GraphEdge& edge = d.graph.edges[e];
    if (marks.letter != 0 && edge.from == marks.from && edge.to == marks.current) taken = static_cast<int>(e);
    draw_edge(v, edge, t.text_dim, 1.2f, d.edges[e].marked, !d.tree);
  }
  if (taken >= 0) draw_edge(v, d.graph.edges[at(taken)], t.accent, 3, false, true);
  for (std::size_t e = 0; e < d.edges.size(); ++e) {
    const motif::GraphEdge& edge = d.graph.edges[e];
    if (d.edges[e].name.empty()) continue;
    const ImVec2 centre = v.pixel(edge.label_x, edge.label_y);
    const float w = edge.label_width * d.scale / 2, h = edge.label_height * d.scale / 2;
    const bool read = taken == static_cast<int>(e);
    list.AddRectFilled(ImVec2(centre.x - w, centre.y - h), ImVec2(centre.x + w, centre.y + h),
                       read ? t.accent : faded(t.panel_alt, 0.8f), 3);
    v.write(p.fonts.mono_small, centre, read ? t.accent_text : t.text,
            read ? std::string(1, marks.letter) : d.edges[e].name);
  }
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  for (std::size_t i = 0; i < d.nodes.size(); ++i) {
    const motif::GraphNode& node = d.graph.nodes[i];
    const MachineDrawing::Words& words = d.nodes[i];
    const int number = static_cast<int>(i);
    const ImVec2 centre = v.pixel(node.x, node.y);
    const float w = node.width * d.scale / 2, h = node.height * d.scale / 2;
    const bool current = number == marks.current;
    const auto frame = [&](float by, ImU32 ink, float thickness) {
      list.AddRect(ImVec2(centre.x - w - by, centre.y - h - by), ImVec2(centre.x + w + by, centre.y + h + by),
                   ink, d.tree ? 4 : h + by, 0, thickness);
    };
    list.AddRectFilled(ImVec2(centre.x - w, centre.y - h), ImVec2(centre.x + w, centre.y + h),
                       current ? t.accent : t.panel, d.tree ? 4 : h);
    frame(0, current ? t.accent : t.text, 1.2f);
    if (words.marked) frame(-3, current ? t.accent_text : t.text, 1.2f);
    const ImU32 ink = current ? t.accent_text : t.text;
    const float up = d.two_lines ? 7 * d.scale : 0;
    v.write(p.fonts.small, ImVec2(centre.x, centre.y - up), ink, words.name);
    if (d.two_lines) v.write(p.fonts.mono_small, ImVec2(centre.x, centre.y + up), ink, words.more);
    if (number == marks.ring) frame(4, t.text, 2.5f);
    if (number == marks.told) {
      // Another shape than the machine's: a square frame, and the word.
      list.AddRect(ImVec2(centre.x - w - 5, centre.y - h - 5), ImVec2(centre.x + w + 5, centre.y + h + 5),
                   t.error, 0, 0, 2);
      list.AddText(p.fonts.small, p.fonts.small->FontSize, ImVec2(centre.x - w - 5, centre.y + h + 5),
                   t.error, "network");
    }
    if (number == d.start && !d.tree) {
      const ImVec2 tip(centre.x - w, centre.y);
      const float s = std::min(d.scale, 1.2f);
      list.AddLine(ImVec2(tip.x - (kStartArrow - 4) * s, tip.y), tip, t.text, 1.5f);
      list.AddTriangleFilled(tip, ImVec2(tip.x - 7 * s, tip.y - 3.5f * s),
                             ImVec2(tip.x - 7 * s, tip.y + 3.5f * s), t.text);
    }
    if (hovered && std::fabs(mouse.x - centre.x) <= w && std::fabs(mouse.y - centre.y) <= h)
      out.hovered = number;
  }
  list.PopClipRect();
  out.clicked = out.hovered >= 0 && ImGui::IsItemDeactivated() && !d.moved;
  return out;
}

}  // namespace ribostep::ui
