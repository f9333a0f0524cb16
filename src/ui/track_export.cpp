// From tracks to files; see track_export.h. Where figures come from is said by session/figure_words.h.
#include "ui/track_export.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <utility>

#include "io/figure_svg.h"
#include "io/tables.h"
#include "session/compare.h"
#include "session/facet.h"
#include "session/figure_words.h"
#include "ui/equation.h"
#include "ui/format.h"
#include "ui/panel_state.h"
#include "ui/track_arrange.h"

namespace ribostep::ui {
namespace {

using io::FigureRow;

// "h_t, all in one line": without markup.
std::string plain(const std::string& markup) {
  std::string text;
  for (const EquationRun& run : parse_equation(markup))
    text += run.place == EquationRun::Place::CircleDot ? std::string("⊙") : run.text;
  return text;
}

std::vector<FigureRow::Piece> pieces(const std::string& markup) {
  std::vector<FigureRow::Piece> all;
  for (const EquationRun& run : parse_equation(markup)) {
    if (run.place == EquationRun::Place::CircleDot)
      all.push_back({"⊙", 0});
    else
      all.push_back({run.text, run.place == EquationRun::Place::Sub     ? -1
                               : run.place == EquationRun::Place::Super ? 1
                                                                        : 0});
  }
  return all;
}

FigureRow::Kind kind_of(TrackValues::Kind kind) {
  switch (kind) {
    case TrackValues::Kind::Letters:
      return FigureRow::Kind::Letters;
    case TrackValues::Kind::Heat:
      return FigureRow::Kind::Heat;
    case TrackValues::Kind::Shares:
      return FigureRow::Kind::Shares;
    case TrackValues::Kind::Lines:
      return FigureRow::Kind::Lines;
    case TrackValues::Kind::Bars:
      return FigureRow::Kind::Bars;
    case TrackValues::Kind::Logo:
      return FigureRow::Kind::Logo;
  }
  return FigureRow::Kind::Lines;
}

// The tracks there are; made anew where none was drawn yet (they need no screen to tell their numbers).
TracksState tracks_of(const session::Session& session, const UiState& ui) {
  TracksState state;
  state.folded = ui.tracks.folded;
  state.tracks = ui.tracks.tracks;
  if (state.tracks.empty() || !(ui.tracks.spec == session.network().spec)) {
    int next_texture = 1;
    state.tracks = make_tracks(session, next_texture);
  }
  return state;
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ';';
  return text;
}

void clamp_positions(const session::Session& session, const UiState& ui, int& first, int& last) {
  if (first <= 0 || last <= 0) return visible_positions(session, ui, first, last);
  last = std::min(last, session.length());
  first = std::clamp(first, 1, std::max(1, last));
}

// "Layer 2, forward, 6 units" -> "Layer_2_forward": which of several tracks of one key a column is of.
std::string column_prefix(const std::string& group) {
  std::size_t end = group.find(", ");
  while (end != std::string::npos && end + 2 < group.size() && (group[end + 2] < '0' || group[end + 2] > '9'))
    end = group.find(", ", end + 1);
  return io::file_name(group.substr(0, end)) + ".";
}

// What the numbers of tracks depend on beside model and sequence.
void add_facts(const session::Session& session, const std::set<std::string>& groups, const std::string& notes,
               io::Facts& facts) {
  if (!notes.empty()) facts.push_back({"note", notes});
  if (groups.count("Attribution") > 0)
    for (io::Fact& fact : session::attribution_facts(session)) facts.push_back(std::move(fact));
  if (session.compare().difference() || groups.count("Compared") > 0)
    if (const std::string words = session.compare().words(); !words.empty())
      facts.push_back({"comparison", words});
}

session::Message download(const std::string& name, const char* mime, const std::string& text) {
  return {{{"type", "download"}, {"name", name}, {"mime", mime}}, session::Bytes(text.begin(), text.end())};
}

void ask_for_picture(Panel& p, const UiState& ui) {
  int first = 0, last = 0;
  visible_positions(p.session, ui, first, last);
  const ShellState& shell = ui.shell;
  nlohmann::json head = {{"type", "picture"},
                         {"name", session::figure_name(p.session, first, last) + ".png"},
                         {"caption", session::caption_of(p.session, first, last)},
                         {"text", io::fact_lines(session::facts_of(p.session, first, last), "")},
                         {"dark", p.theme.dark}};
  head["x"] = shell.tracks_x;
  head["y"] = shell.tracks_y;
  head["w"] = shell.tracks_w;  // 0: the whole screen
  head["h"] = shell.tracks_h;
  post(p, std::move(head));
}

}  // namespace

void visible_positions(const session::Session& session, const UiState& ui, int& first, int& last) {
  first = 1;
  last = session.length();
  if (ui.axis.length != session.length() || ui.axis.length == 0) return;
  first = ui.axis.begin_index() + 1;
  last = std::max(first, ui.axis.end_index());
}

std::string track_tsv(const session::Session& session, const UiState& ui, const std::string& key, int first,
                      int last, std::string* refused) {
  clamp_positions(session, ui, first, last);
  const TracksState state = tracks_of(session, ui);
  struct Source {
    std::string prefix;
    TrackValues values;
    std::vector<double> row;
  };
  std::vector<Source> sources;
  const Track* in_words = nullptr;
  std::vector<std::string> columns = {"position", "letter"};
  std::string titles, notes;
  std::set<std::string> groups;
  for (const auto& track : state.tracks) {
    if (track->key() != key || !track->present(session)) continue;
    titles += (titles.empty() ? "" : "; ") + plain(track->title()) +
              (track->group().empty() ? "" : " (" + track->group() + ")");
    groups.insert(track->group());
    if (const std::string note = track->note(session); !note.empty() && notes.find(note) == std::string::npos)
      notes += (notes.empty() ? "" : "; ") + one_line(note);
    Source source;
    if (!track->values(session, source.values)) {
      in_words = track.get();
      continue;
    }
    if (!track->group().empty()) source.prefix = column_prefix(track->group());
    source.row.resize(source.values.names.size());
    sources.push_back(std::move(source));
  }
  if (titles.empty()) return {};
  if (sources.empty()) columns.emplace_back("value");
  for (const Source& source : sources) {
    const std::string prefix = sources.size() > 1 ? source.prefix : std::string();
    if (source.values.kind == TrackValues::Kind::Letters)
      columns.push_back(key == "letters" ? "as read" : prefix + key);
    for (const std::string& name : source.values.names) columns.push_back(prefix + name);
  }
  io::Facts facts = session::facts_of(session, first, last);
  facts.push_back({"track", key + ": " + titles});
  add_facts(session, groups, notes, facts);
  const double numbers = static_cast<double>(last - first + 1) * static_cast<double>(columns.size());
  if (numbers > kMostTableCells) {
    if (refused)
      *refused = "These are " + thousands(static_cast<std::int64_t>(numbers)) +
                 " cells, and a table has at most " + thousands(kMostTableCells) + ": zoom in to at most " +
                 thousands(kMostTableCells / static_cast<std::int64_t>(columns.size())) +
                 " positions and save again";
    return {};
  }
  const std::string_view letters = session.letters();
  std::string text = io::fact_table(facts, columns, [](std::vector<std::string>&) { return false; });
  text.reserve(text.size() + static_cast<std::size_t>(numbers * 13));
  const auto letter_cell = [&text](std::string_view all, std::size_t at) {
    text += '\t';
    if (at < all.size()) text += all[at] == '-' ? std::string("-") : io::tsv_cell(all.substr(at, 1));
  };
  for (int position = first; position <= last; ++position) {
    const int t = position - 1;
    const auto at = static_cast<std::size_t>(t);
    text += std::to_string(position);
    letter_cell(letters, at);
    for (Source& source : sources) {
      if (source.values.kind == TrackValues::Kind::Letters) {
        letter_cell(source.values.letters, at);
        continue;
      }
      source.values.read(t, source.row.data());
      for (const double v : source.row) {
        char cell[40];
        std::snprintf(cell, sizeof cell, "\t%.9g", v);  // as io::number
        text += std::isnan(v) ? "\tNA" : cell;
      }
    }
    if (sources.empty()) text += '\t' + io::tsv_cell(one_line(in_words->value_at(session, position, 0.5f)));
    text += '\n';
  }
  return text;
}

std::string tracks_svg(const session::Session& session, const UiState& ui, int first, int last, bool dark) {
  clamp_positions(session, ui, first, last);
  const TracksState state = tracks_of(session, ui);
  const io::View& view = session.project().view;
  const ColourMap signed_map = diverging(dark), share_map = sequential(dark);
  io::FigureBuilder figure(first, last, dark);
  std::string left_out;
  std::set<std::string> groups;
  for (const TrackItem& item : arranged(view, state)) {
    std::string group;
    for (Track* track : item.tracks) {
      if (hidden(view, track->key()) || !track->present(session) || state.folded.count(track->group()) > 0)
        continue;
      TrackValues values;
      values.dark = dark;
      if (!track->values(session, values)) {
        left_out += (left_out.empty() ? "" : ", ") + plain(track->title());
        continue;
      }
      if (track->group() != group) {
        group = track->group();
        const std::string choice = track->group_choice(session);
        figure.heading(group + (choice.empty() ? "" : ", " + choice));
      }
      groups.insert(track->group());
      FigureRow row;
      row.kind = kind_of(values.kind);
      row.title = pieces(track->title());
      // Where letters cannot be drawn what they stood for remains.
      if (row.kind == FigureRow::Kind::Logo && !figure.room_for_logo()) {
        row.kind = FigureRow::Kind::Bars;
        row.title = {{"Contributions", 0}};
      }
      row.note = track->note(session);
      const float chosen = chosen_height(view, track->key());
      row.height = static_cast<double>(chosen > 0 ? chosen : track->height());
      row.letters = values.letters;
      row.fill = values.fill;
      row.names = values.names;
      row.colours = values.colours;
      row.low = values.low;
      row.high = values.high;
      row.map = values.from_zero ? share_map : signed_map;
      row.read = values.read;
      figure.add(row);
    }
  }
  figure.mark(session.position());
  std::vector<std::string> caption = session::caption_of(session, first, last);
  if (figure.per_column() > 1)
    caption.push_back("Each column is the mean of " + std::to_string(figure.per_column()) + " positions.");
  io::Facts facts = session::facts_of(session, first, last);
  add_facts(session, groups, "", facts);
  if (!left_out.empty()) caption.push_back("Left out, as they are pictures of no numbers: " + left_out + ".");
  return figure.finish(session::figure_name(session, first, last), caption, facts);
}

bool hear_export_verb(const nlohmann::json& head, UiState& ui) {
  const std::string verb = session::text_in(head, "verb");
  ExportRequest request;
  request.first = session::whole_in(head, "first", 0);
  request.last = session::whole_in(head, "last", 0);
  if (verb == "export_figure") {
    request.what =
        session::text_in(head, "format") == "png" ? ExportRequest::What::Png : ExportRequest::What::Svg;
  } else if (verb == "export_track") {
    request.what = ExportRequest::What::Track;
    request.key = session::text_in(head, "key");
  } else if (verb == "export_table") {
    request.what = ExportRequest::What::Table;
    request.key = session::text_in(head, "id");
  } else {
    return false;
  }
  ui.shell.exports.push_back(std::move(request));
  return true;
}

void serve_exports(Panel& p, UiState& ui) {
  const std::vector<ExportRequest> wanted = std::exchange(ui.shell.exports, {});
  session::Session& s = p.session;
  for (const ExportRequest& request : wanted) {
    if (!s.has_data() || s.length() == 0) {
      ui.shell.notice = "There is nothing to save yet: load sequences first";
      continue;
    }
    int first = request.first, last = request.last;
    clamp_positions(s, ui, first, last);
    const std::string name = session::figure_name(s, first, last);
    std::string text, refused;
    switch (request.what) {
      case ExportRequest::What::Png:
        ask_for_picture(p, ui);
        break;
      case ExportRequest::What::Svg:
        p.outbox.push_back(
            download(name + ".svg", "image/svg+xml", tracks_svg(s, ui, first, last, p.theme.dark)));
        break;
      case ExportRequest::What::Track:
        text = track_tsv(s, ui, request.key, first, last, &refused);
        break;
      case ExportRequest::What::Table:
        text = session::mirror_table_tsv(s, request.key);
        break;
    }
    if (!text.empty())
      p.outbox.push_back(
          download(name + "_" + io::file_name(request.key) + ".tsv", "text/tab-separated-values", text));
    else if (!refused.empty())
      ui.shell.notice = refused;
    else if (!request.key.empty())
      ui.shell.notice = "There is nothing called " + request.key + " to save now";
  }
}

}  // namespace ribostep::ui
