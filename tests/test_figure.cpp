// Saved figures and tables: well-formed whatever names hold, and they say where they come from.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "io/figure_svg.h"
#include "io/figure_table.h"
#include "session/figure_words.h"
#include "session/history.h"
#include "session_fixture.h"

using namespace ribostep;

namespace {

// A strict little reader of XML without doctypes: tags close in order, entities and characters are legal.
// Empty: well-formed. Counts elements by name.
std::string xml_problem(const std::string& text, std::map<std::string, int>* counts = nullptr) {
  std::vector<std::string> open;
  std::size_t i = 0;
  if (text.rfind("<?xml", 0) == 0) i = text.find("?>") + 2;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '&') {
      const std::size_t end = text.find(';', i);
      if (end == std::string::npos || end - i > 6) return "a loose &";
      const std::string name = text.substr(i + 1, end - i - 1);
      if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39")
        return "unknown entity " + name;
      i = end + 1;
      continue;
    }
    if (c != '<') {
      if (static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\t') return "a control character";
      ++i;
      continue;
    }
    const std::size_t end = text.find('>', i);
    if (end == std::string::npos) return "a tag that does not end";
    std::string tag = text.substr(i + 1, end - i - 1);
    if (tag.find('<') != std::string::npos) return "a < inside a tag";
    i = end + 1;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "closes " + tag;
      open.pop_back();
      continue;
    }
    const bool single = tag.back() == '/';
    const std::string name = tag.substr(0, tag.find_first_of(" /"));
    if (counts) ++(*counts)[name];
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return "a loose quote in " + tag;
    if (!single) open.push_back(name);
  }
  return open.empty() ? std::string() : "left open: " + open.back();
}

const std::string kNasty = "a<b>&\"c\"' \x01\xff\xc3\xa9 \xed\xa0\x80 </svg>";

io::FigureRow heat(int rows) {
  io::FigureRow row;
  row.kind = io::FigureRow::Kind::Heat;
  row.title = {{"h", 0}, {"t", -1}};
  for (int i = 0; i < rows; ++i) row.names.push_back("u" + std::to_string(i));
  for (std::size_t i = 0; i < row.map.size(); ++i) row.map[i] = 0xFF000000u | static_cast<std::uint32_t>(i);
  row.read = [rows](int t, double* out) {
    for (int r = 0; r < rows; ++r) out[r] = std::sin(t * 0.7 + r);
  };
  return row;
}

}  // namespace

TEST_CASE("figure: XML stays well-formed whatever names hold") {
  CHECK(io::xml_text("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(io::xml_text("\xc3\xa9\xe2\x86\x92") == "\xc3\xa9\xe2\x86\x92");
  CHECK(io::xml_text("\x01\xff\xc0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(io::xml_text("\xed\xa0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // half a surrogate pair
  CHECK(xml_problem("<a><b></a></b>") != "");                                     // the reader can fail

  io::FigureBuilder figure(1, 30, false);
  figure.heading(kNasty);
  io::FigureRow row = heat(3);
  row.note = kNasty;
  row.title = {{kNasty, 1}};
  figure.add(row);
  row.kind = io::FigureRow::Kind::Lines;
  row.names = {kNasty, "b", "c"};
  row.colours = {1, 2, 3};
  figure.add(row);
  row.kind = io::FigureRow::Kind::Bars;
  figure.add(row);
  row.kind = io::FigureRow::Kind::Shares;
  figure.add(row);
  row.kind = io::FigureRow::Kind::Letters;
  const std::string letters = "ACGTN<&>-.ACGTACGTACGTACGTACGT";
  row.letters = letters;
  row.fill = [](char c) { return 0xFF000000u + static_cast<std::uint32_t>(static_cast<unsigned char>(c)); };
  figure.add(row);
  figure.mark(7);
  std::map<std::string, int> counts;
  const std::string svg = figure.finish(kNasty, {kNasty, std::string(400, 'x') + " " + kNasty},
                                        {{kNasty, kNasty}, {"seed", "7"}});
  CHECK(xml_problem(svg, &counts) == "");
  CHECK(counts["title"] == 1);
  CHECK(counts["desc"] == 1);
  CHECK(counts["metadata"] == 1);
  CHECK(counts["fact"] == 2);
  CHECK(svg.find("seed: 7") != std::string::npos);
}

TEST_CASE("figure: long sequences share columns by their mean, short ones have a column each") {
  io::FigureBuilder near(11, 40, false), far(1, 50'000, false);
  CHECK(near.per_column() == 1);
  CHECK(far.per_column() == 34);  // 50,000 / 1,500, rounded up
  io::FigureRow row = heat(64);
  far.add(row);
  const std::string svg = far.finish("f", {}, {});
  CHECK(xml_problem(svg) == "");
  CHECK(svg.size() < 8u << 20u);
  // The mean of 34 positions that alternate between -1 and 1 is 0: one colour all along.
  io::FigureBuilder flat(1, 50'000, false);
  row = heat(1);
  row.read = [](int t, double* out) { out[0] = t % 2 == 0 ? 1 : -1; };
  flat.add(row);
  std::map<std::string, int> counts;
  xml_problem(flat.finish("f", {}, {}), &counts);
  CHECK(counts["path"] <=
        12);  // ticks of the ruler, one path of colour and at most one of a last, odd column
  // What is not a number leaves a gap and no digits.
  io::FigureBuilder gaps(1, 20, true);
  row = heat(1);
  row.kind = io::FigureRow::Kind::Lines;
  row.read = [](int t, double* out) { out[0] = t % 5 == 0 ? std::nan("") : t; };
  row.high = row.low;
  gaps.add(row);
  const std::string with_gaps = gaps.finish("f", {}, {});
  CHECK(xml_problem(with_gaps) == "");
  CHECK(with_gaps.find("nan") == std::string::npos);
  CHECK(with_gaps.find("inf") == std::string::npos);
}

TEST_CASE("figure: heat maps have a scale, lines differ by more than colour, merged letters are named") {
  const auto count = [](const std::string& text, const std::string& of) {
    int found = 0;
    for (std::size_t i = text.find(of); i != std::string::npos; i = text.find(of, i + 1)) ++found;
    return found;
  };
  io::FigureBuilder figure(1, 40, false);
  io::FigureRow row = heat(3);
  row.low = -0.625;
  row.high = 0.875;
  figure.add(row);
  row.height = 12;
  figure.add(row);
  std::string svg = figure.finish("f", {}, {});
  CHECK(count(svg, ">-0.625</text>") == 1);
  CHECK(count(svg, ">0.875</text>") == 1);
  CHECK(count(svg, ">-0.625 ... 0.875</text>") == 1);  // a low one has its scale on one line

  io::FigureBuilder lines(1, 40, false);
  row = heat(20);
  row.kind = io::FigureRow::Kind::Lines;
  row.height = 58;
  row.colours.assign(20, 0xFF808080u);
  lines.add(row);
  svg = lines.finish("f", {}, {});
  CHECK(xml_problem(svg) == "");
  for (int i = 0; i < 20; ++i) CHECK(count(svg, ">u" + std::to_string(i) + "</text>") == 1);
  CHECK(count(svg, "stroke-dasharray=\"6 2\"") ==
        6);  // three lines of 20, of three widths, and in the legend

  io::FigureBuilder merged(1, 3200, false);
  const std::string letters(3200, 'A');
  row = {};
  row.kind = io::FigureRow::Kind::Letters;
  row.letters = letters;
  row.fill = [](char) { return 0xFF112233u; };
  merged.add(row);
  CHECK(count(merged.finish("f", {}, {}), ">A</text>") == 1);

  io::FigureBuilder logo(1, 40, false);
  CHECK(logo.room_for_logo());
  CHECK_FALSE(merged.room_for_logo());
  row.kind = io::FigureRow::Kind::Logo;
  row.names = {"contribution"};
  row.read = [](int t, double* out) { out[0] = t == 3 ? 0 : t % 2 == 0 ? 1 : -0.5; };
  logo.add(row);
  svg = logo.finish("f", {}, {});
  CHECK(xml_problem(svg) == "");
  CHECK(count(svg, "lengthAdjust") == 39);  // all but the one that contributes nothing
}

TEST_CASE("tables: comment lines, names of columns, cells no spreadsheet runs") {
  int left = 2;
  const std::string tsv = io::fact_table(
      {{"seed", "7"}, {"name", "two\nlines"}}, {"position", "value"}, [&](std::vector<std::string>& row) {
        if (left == 0) return false;
        row =
            left == 2 ? std::vector<std::string>{"-1.5e-07", "=1+1"} : std::vector<std::string>{"-x", "a\tb"};
        --left;
        return true;
      });
  CHECK(tsv == "# seed: 7\n# name: two lines\nposition\tvalue\n-1.5e-07\t'=1+1\n'-x\ta b\n");
  CHECK(io::file_name("promoter 7 / lac-Z!") == "promoter_7_lac-Z");
  CHECK(io::file_name("../..") == "sequence");
  CHECK(io::file_name(std::string(300, 'x')).size() == 60);
}

TEST_CASE("figures say seed, version, model, settings, sequence and positions") {
  tests::Fixture fixture;
  fixture.paste(tests::planted_fasta());
  fixture.session.set_seed(7);
  fixture.session.train_once();
  fixture.worker.settle();
  const session::Session& s = fixture.session;
  std::map<std::string, std::string> facts;
  for (const io::Fact& fact : session::facts_of(s, 2, 9)) facts[fact.name] = fact.value;
  CHECK(facts["seed"] == "7");
  CHECK(facts["updates"] == "1");
  CHECK(facts["made by"].rfind("Ribostep ", 0) == 0);
  CHECK(facts["sequence"] == std::string(s.data().name(0)));
  CHECK(facts["positions"] == "2-9 of " + std::to_string(s.length()));
  CHECK(facts["model settings"].front() == '{');
  CHECK(facts["weights hash"] == rnn::weights_hash(s.weights()));
  CHECK(session::caption_of(s, 2, 9).at(1).find("seed 7") != std::string::npos);
  CHECK(session::facts_of(s, 0, 0).size() < session::facts_of(s, 1, 2).size());

  const std::string curve = session::mirror_table_tsv(s, "curve");
  CHECK(curve.rfind("# made by: Ribostep", 0) == 0);
  CHECK(curve.find("\nupdate\tepoch\ttrain_loss") != std::string::npos);
  fixture.session.go_to(3);
  const std::string step = session::mirror_table_tsv(s, "step");
  CHECK(step.find("\nunit\th before\th after") != std::string::npos);
  CHECK(step.find("# at position: 3") != std::string::npos);
  CHECK(session::mirror_table_tsv(s, "no such table").empty());
}

TEST_CASE("figures say which update is on show, and where weights came from") {
  tests::Fixture fixture;
  fixture.paste(tests::planted_fasta());
  const auto fact = [&](const char* name) {
    for (const io::Fact& one : session::facts_of(fixture.session, 2, 9))
      if (one.name == name) return one.value;
    return std::string();
  };
  const auto caption = [&] { return session::caption_of(fixture.session, 2, 9).at(1); };
  fixture.session.train();
  fixture.worker.settle();
  session::History& history = fixture.session.history();
  REQUIRE(history.kept().size() > 1);
  history.visit(history.kept()[1]);
  fixture.worker.settle();
  REQUIRE(history.update_shown() < history.present());
  CHECK(fact("updates") == std::to_string(history.update_shown()));
  CHECK(caption().find("after " + std::to_string(history.update_shown()) + " update") != std::string::npos);
  CHECK(fact("start").empty());
  history.leave();
  fixture.session.receive({{{"type", "verb"},
                            {"verb", "set_weight"},
                            {"tensor", fixture.session.network().layers[0].w_x},
                            {"row", 0},
                            {"column", 0},
                            {"value", 1.5}},
                           {}});
  fixture.worker.settle();
  CHECK(caption().find("from given or edited weights") != std::string::npos);
  CHECK(caption().find("after 0") == std::string::npos);
  CHECK(fact("start") == "from given or edited weights");
}
