// Asking where a number comes from, hopping from number to number, and jumps that the browser's history takes
// back.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/half_life.h"
#include "session/edits.h"
#include "session/origins.h"
#include "session_fixture.h"

using namespace ribostep;
using rnn::NumberKind;
using rnn::OriginShape;
using session::OriginView;
using tests::Fixture;
using tests::planted_fasta;

namespace {

struct Asking : Fixture {
  explicit Asking(rnn::CellKind cell = rnn::CellKind::Lstm, int layers = 1) {
    paste(planted_fasta());
    rnn::ModelSpec spec = session.project().model;
    spec.cell = cell;
    spec.hidden = 6;
    spec.layers = layers;
    session.set_model(spec);
    worker.settle();
    worker.take_posts();
  }
  session::Origins& origins() { return session.origins(); }
  void verb(nlohmann::json head) {
    head["type"] = "verb";
    session.receive({std::move(head), {}});
  }
  // What the page was told of jumps since the last call.
  std::vector<nlohmann::json> jumps() {
    std::vector<nlohmann::json> told;
    for (const session::Message& m : session.take_outbox()) {
      if (m.type() == "jump") told.push_back(m.head);
      if (m.type() != "jump") worker.answer(m);
    }
    return told;
  }
  nlohmann::json section() {
    nlohmann::json all = nlohmann::json::array();
    origins().mirror(all);
    return all.empty() ? nlohmann::json() : all[0];
  }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("origins: a gate is told as the sum it is, in words") {
  Asking f;
  f.session.go_to(9);
  f.verb({{"verb", "origin_of"}, {"what", "gate"}, {"gate", "f"}, {"unit", 3}});
  const OriginView* view = f.origins().view();
  REQUIRE(view);
  CHECK(view->title == "forget gate of unit 3, position 9");
  CHECK(view->symbol == "f₃");
  CHECK(view->position == 9);
  CHECK(view->origin.value == f.session.trace()->layers[0].gate(8, 1, 3));
  CHECK(view->origin.terms.size() == 9);  // a letter, six states, two biases
  CHECK(view->rows.size() == 9);
  CHECK(has(view->equation, "f₃ = σ(sum of 9 terms) = σ("));
  CHECK(std::abs(rnn::result_of(view->origin) - static_cast<double>(view->origin.before)) < 1e-5);
  const std::string letter(1, f.session.letters()[8]);
  int letters = 0, states = 0;
  for (std::size_t i = 0; i < view->rows.size(); ++i) {
    letters += view->rows[i].name == "W_xf · " + letter;
    states += has(view->rows[i].name, "W_hf · h") && has(view->rows[i].name, "(8)") &&
              view->rows[i].place == "position 8";
  }
  CHECK(letters == 1);
  CHECK(states == 6);
  CHECK(has(view->sentence, view->rows[0].name));
  CHECK(f.session.position() == 9);
}

TEST_CASE("origins: asked once more, the number leads on to what made it") {
  Asking f;
  f.session.go_to(9);
  const nlohmann::json ask = {{"verb", "origin_of"}, {"what", "h"}, {"unit", 3}};
  f.verb(ask);
  f.verb(ask);
  CHECK(f.origins().view()->origin.of.what == NumberKind::C);
  CHECK(f.origins().trail().size() == 2);
  f.session.go_to(4);  // elsewhere it is asked about again
  f.verb({{"verb", "origin_of"}, {"what", "h"}, {"unit", 3}, {"position", 9}});
  CHECK(f.origins().view()->origin.of.what == NumberKind::H);
  CHECK(f.session.position() == 9);
}

TEST_CASE("origins: every kind of cell says its own equation") {
  const auto equation = [](rnn::CellKind cell, const char* what) {
    Asking f(cell);
    f.session.go_to(9);
    f.verb({{"verb", "origin_of"}, {"what", what}, {"unit", 2}});
    return f.origins().view() ? f.origins().view()->equation : "";
  };
  CHECK(has(equation(rnn::CellKind::Lstm, "h"), "h₂ = o · tanh(c) = "));
  CHECK(has(equation(rnn::CellKind::Lstm, "c"), "f · c₂(8)"));
  CHECK(has(equation(rnn::CellKind::Lstm, "c"), "i · g"));
  CHECK(has(equation(rnn::CellKind::LstmCoupled, "c"), "(1 − f) · g"));
  CHECK(has(equation(rnn::CellKind::Gru, "h"), "(1 − z) · n"));
  CHECK(has(equation(rnn::CellKind::Gru, "h"), "z · h₂(8)"));
  CHECK(has(equation(rnn::CellKind::ElmanTanh, "h"), "h₂ = tanh(sum of 9 terms)"));
  CHECK(has(equation(rnn::CellKind::ElmanRelu, "h"), "relu("));
  CHECK(has(equation(rnn::CellKind::Gru, "probability"), "p(motif) = e^"));
  CHECK(has(equation(rnn::CellKind::Gru, "logit"), "z(motif) = sum of 7 terms"));
}

TEST_CASE("origins: followed back from the output to the first letter, and all the way forward again") {
  Asking f;
  const int length = f.session.length();
  f.session.go_to(length);
  f.verb({{"verb", "origin_of"}, {"what", "probability"}, {"output", 1}});
  REQUIRE(f.origins().view());
  CHECK(f.origins().view()->origin.of.what == NumberKind::Probability);
  CHECK(f.jumps().empty());  // asked where we are: nothing to come back to
  std::vector<rnn::Quantity> path = {f.origins().view()->origin.of};
  for (int hops = 0; hops < 400; ++hops) {
    const OriginView& view = *f.origins().view();
    int term = -1;
    for (std::size_t i = 0; i < view.origin.terms.size() && term < 0; ++i)
      if (view.origin.terms[i].source) term = static_cast<int>(i);
    if (term < 0) break;
    f.verb({{"verb", "follow"}, {"term", term}});
    path.push_back(f.origins().view()->origin.of);
    const auto told = f.jumps();
    REQUIRE(told.size() == 1);
    CHECK(told[0]["push"] == true);
    CHECK(told[0]["serial"] == path.size() - 1);
    CHECK(f.session.position() == f.origins().view()->position);
  }
  CHECK(path.back().step == -1);  // the initial state
  CHECK(f.session.position() == 0);
  CHECK(f.origins().view()->origin.shape == OriginShape::Given);
  CHECK(has(f.origins().view()->sentence, "all zeros"));
  CHECK(path.size() > 10);
  f.verb({{"verb", "follow"}});
  CHECK(has(f.session.status().text, "trail ends here"));

  const std::size_t hops = path.size() - 1;
  const auto trail = f.origins().trail();
  CHECK(trail.size() == std::min<std::size_t>(path.size(), 200));  // as many places as are kept
  CHECK(trail.back().places == 0);
  CHECK(has(trail.back().label, "(start)"));
  f.verb({{"verb", "hop_back"}});
  CHECK(f.origins().view()->origin.of == path[hops - 1]);
  const auto told = f.jumps();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["push"] == false);
  CHECK(told[0]["from"] == hops);
  CHECK(told[0]["serial"] == hops - 1);
  CHECK(told[0]["by"] == -1);
  f.verb({{"verb", "hop_forward"}});
  CHECK(f.origins().view()->origin.of == path[hops]);
}

TEST_CASE("origins: the browser's history takes jumps back, and scrubbing makes none") {
  Asking f;
  f.session.go_to(5);
  f.session.step(1);
  f.session.step(3);
  CHECK(f.jumps().empty());
  CHECK_FALSE(f.origins().can_go_back());
  f.origins().note_jump();
  f.session.go_to(30);
  f.origins().note_jump();
  f.session.select_sequence(4);
  f.session.go_to(12);
  const auto told = f.jumps();
  REQUIRE(told.size() == 2);
  CHECK(told[0]["serial"] == 1);
  CHECK(told[1]["serial"] == 2);
  f.session.step(1);  // where we are when we leave is where we come back to

  f.verb({{"verb", "jump_to"}, {"serial", 1}});
  f.worker.settle();
  CHECK(f.session.project().cursor.sequence == 0);
  CHECK(f.session.position() == 30);
  f.verb({{"verb", "jump_to"}, {"serial", 0}});
  CHECK(f.session.position() == 9);
  CHECK(f.jumps().empty());  // the page has been there already
  f.verb({{"verb", "jump_to"}, {"serial", 2}});
  f.worker.settle();
  CHECK(f.session.project().cursor.sequence == 4);
  CHECK(f.session.position() == 13);
  f.verb({{"verb", "jump_to"}, {"serial", 77}});
  f.verb({{"verb", "jump_to"}});
  CHECK(f.session.position() == 13);

  // A jump from the middle forgets what was ahead.
  f.verb({{"verb", "hop_back"}});
  CHECK(f.origins().can_go_forward());
  f.origins().note_jump();
  f.session.go_to(2);
  CHECK_FALSE(f.origins().can_go_forward());
  f.verb({{"verb", "hop_forward"}});
  CHECK(has(f.session.status().text, "last jump"));
  f.verb({{"verb", "hop_back"}});
  f.verb({{"verb", "hop_back"}});
  f.verb({{"verb", "hop_back"}});
  CHECK(has(f.session.status().text, "no jump to take back"));
  // Two notes of one jump are one.
  f.origins().travel_by(1);
  f.worker.settle();
  f.jumps();
  f.origins().note_jump();
  f.origins().note_jump();
  CHECK(f.jumps().size() == 1);
}

TEST_CASE("origins: other data forget the places, another model and undo do not") {
  Asking f;
  f.origins().note_jump();
  f.session.go_to(20);
  f.verb({{"verb", "origin_of"}, {"what", "c"}, {"unit", 5}});
  REQUIRE(f.origins().view());
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 3;
  f.session.set_model(spec);
  f.worker.settle();
  CHECK(f.origins().asked());
  CHECK(f.origins().view() == nullptr);  // there is no unit 5 any more
  CHECK(f.origins().trail().empty());
  CHECK(f.origins().can_go_back());
  f.session.undo();
  f.worker.settle();
  REQUIRE(f.origins().view());
  CHECK(f.origins().view()->origin.of.unit == 5);
  f.paste(">a\nACGTTGCA\n");
  CHECK_FALSE(f.origins().can_go_back());
  CHECK_FALSE(f.origins().asked());
  f.verb({{"verb", "jump_to"}, {"serial", 0}});  // an old entry of the page's history
  CHECK(f.session.position() == 0);
}

TEST_CASE("origins: a state set by hand is said to be") {
  Asking f;
  f.session.go_to(9);
  f.session.edits().intervene({0, 2, false, 9, 12, 0.5f});
  f.worker.settle();
  f.verb({{"verb", "origin_of"}, {"what", "h"}, {"unit", 2}});
  const OriginView* view = f.origins().view();
  REQUIRE(view);
  CHECK(view->origin.shape == OriginShape::ByHand);
  CHECK(view->equation == "h₂ = 0.5");
  CHECK(has(view->sentence, "set by hand"));
  f.session.edits().release_all();
  f.worker.settle();
  REQUIRE(f.origins().view());
  CHECK(f.origins().view()->origin.shape == OriginShape::Product);
}

TEST_CASE("origins: what cannot be asked is refused with words") {
  Asking f(rnn::CellKind::Gru);
  f.session.go_to(4);
  const auto refused = [&](nlohmann::json head, const std::string& words) {
    head["verb"] = "origin_of";
    f.verb(head);
    CHECK_MESSAGE(has(f.session.status().text, words), f.session.status().text);
    CHECK(f.session.status().severity == Severity::Error);
    CHECK_FALSE(f.origins().asked());
  };
  refused({{"what", "c"}}, "no memory c");
  refused({{"what", "pooled"}}, "none of h, c");
  refused({{"what", "gate"}, {"gate", "f"}}, "no such gate");
  refused({{"what", "gate"}, {"gate", 7}}, "no such gate");
  refused({{"what", "h"}, {"unit", 99}}, "no such number");
  refused({{"what", "h"}, {"layer", 3}}, "no such number");
  refused({{"what", "h"}, {"layer", -3}}, "no such number");
  refused({{"what", "logit"}, {"output", 9}}, "no such number");
  refused({{"what", "gate"}, {"gate", "z"}, {"position", 0}}, "no gate before");
  refused({{"what", "probability"}, {"position", 0}}, "before the first letter");
  f.verb({{"verb", "follow"}});
  CHECK(has(f.session.status().text, "no number is asked about"));
  f.verb({{"verb", "origin_of"}, {"what", "h"}, {"unit", 1}});
  f.verb({{"verb", "follow"}, {"term", 99}});
  CHECK(has(f.session.status().text, "no such term"));
  f.verb({{"verb", "origin_dismiss"}});
  CHECK_FALSE(f.origins().asked());
}

TEST_CASE("origins: hops through gates and layers, and the numbers go with the weights") {
  Asking f(rnn::CellKind::Gru, 2);
  f.session.go_to(9);
  f.verb({{"verb", "origin_of"}, {"what", "h"}, {"layer", 1}, {"unit", 1}});
  f.verb({{"verb", "follow"}, {"term", 0}, {"gate", true}});
  REQUIRE(f.origins().view());
  CHECK(f.origins().view()->title == "update gate of unit 1, Layer 2, position 9");
  const auto& terms = f.origins().view()->origin.terms;
  for (std::size_t i = 0; i < terms.size(); ++i)
    if (terms[i].kind == rnn::TermKind::Input) {
      CHECK(has(f.origins().view()->rows[i].name, "of Layer 1"));
      f.origins().follow(static_cast<int>(i));
      break;
    }
  CHECK(f.origins().view()->origin.of.layer == 0);
  CHECK(f.session.position() == 9);
  const std::uint64_t serial = f.origins().serial();
  const float before = f.origins().view()->origin.value;
  CHECK(f.origins().serial() == serial);
  f.train_to(3);
  CHECK(f.origins().serial() != serial);
  CHECK(f.origins().view()->origin.value != before);
  CHECK(std::abs(rnn::result_of(f.origins().view()->origin) -
                 static_cast<double>(f.origins().view()->origin.before)) < 1e-5);
}

TEST_CASE("origins: the text mirror tells the terms and offers to follow them") {
  Asking f;
  f.session.go_to(9);
  CHECK(f.section()["id"] == "origin");
  CHECK(f.section()["lines"][0] == "No number is asked about.");
  const nlohmann::json offer = f.section()["buttons"][0];
  nlohmann::json head = offer["args"];
  head["verb"] = offer["verb"];
  f.verb(head);
  REQUIRE(f.origins().view());
  f.verb({{"verb", "origin_of"}, {"what", "gate"}, {"gate", 0}, {"unit", 0}});
  const nlohmann::json section = f.section();
  CHECK(section["lines"][0] == "input gate of unit 0, position 9");
  REQUIRE(section["table"].size() == 10);
  CHECK(section["table"][1][0] == f.origins().view()->rows[0].name);
  REQUIRE(section["inputs"][0]["options"].size() == 6);
  const std::string option = section["inputs"][0]["options"][0]["value"];
  f.verb({{"verb", "follow"}, {"term", option}});
  CHECK(f.session.position() == 8);
  CHECK(f.section()["lines"][0].get<std::string>().find("state h of unit") == 0);
}

TEST_CASE("origins: names of what is read: k-mers, codons, learned vectors, values") {
  const auto input_name = [](const std::function<void(rnn::ModelSpec&)>& how, int position) {
    Asking f(rnn::CellKind::Gru);
    rnn::ModelSpec spec = f.session.project().model;
    how(spec);
    REQUIRE(rnn::problem(spec).empty());
    f.session.set_model(spec);
    f.worker.settle();
    f.session.go_to(position);
    f.verb({{"verb", "origin_of"}, {"what", "gate"}, {"gate", "z"}, {"unit", 0}});
    REQUIRE(f.origins().view());
    for (const session::OriginRow& row : f.origins().view()->rows)
      if (has(row.name, "W_xz")) return row.name + "|" + std::string(f.session.letters());
    return std::string();
  };
  const auto split = [](const std::string& both) {
    const std::size_t bar = both.find('|');
    return std::pair{both.substr(0, bar), both.substr(bar + 1)};
  };
  const auto [kmer, a] = split(input_name(
      [](rnn::ModelSpec& s) {
        s.input = rnn::Input::Kmers;
        s.kmer = 4;
      },
      10));
  CHECK(kmer == "W_xz · " + a.substr(6, 4));
  const auto [codon, b] = split(input_name([](rnn::ModelSpec& s) { s.input = rnn::Input::Codons; }, 8));
  CHECK(codon == "W_xz · " + b.substr(6, 3));
  const auto [embedded, c] = split(input_name([](rnn::ModelSpec& s) { s.embedding = 3; }, 8));
  CHECK(has(embedded, "W_xz · e"));
}

TEST_CASE("origins: the untrained twin is read beside, only when it is wanted") {
  Asking f;
  CHECK(f.origins().twin() == nullptr);
  CHECK_FALSE(f.origins().twin_obstacle().empty());  // untrained itself
  f.train_to(4);
  f.worker.settle();
  CHECK(f.origins().twin() == nullptr);
  f.origins().want_twin(true);
  f.worker.settle();
  CHECK(f.origins().twin_obstacle().empty());
  REQUIRE(f.origins().twin());
  const rnn::Trace twin = *f.origins().twin();
  f.session.show_untrained_twin(true);
  f.worker.settle();
  CHECK(f.session.trace()->layers[0].gates == twin.layers[0].gates);
  CHECK(f.origins().twin() == nullptr);  // it is on screen
  f.session.show_untrained_twin(false);
  f.session.select_sequence(2);
  f.worker.settle();
  REQUIRE(f.origins().twin());
  CHECK(f.origins().twin()->layers[0].gates != twin.layers[0].gates);
  f.origins().want_twin(false);
  CHECK(f.origins().twin() == nullptr);
}
