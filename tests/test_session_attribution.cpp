// Attribution and prefixes through the Session and its worker: what is asked, which answers still hold, and
// that the numbers are those of the builder.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "io/tables.h"
#include "session/attributions.h"
#include "session/edits.h"
#include "session/figure_words.h"
#include "session_fixture.h"

using namespace ribostep;
using namespace ribostep::experiment;
using tests::Fixture;
using tests::planted_fasta;

namespace {

Attribution direct(const session::Session& s, std::span<const float> weights,
                   const AttributionRequest& request) {
  AttributionBuilder builder(s.network(), weights, s.token_table(), s.example(), request);
  while (!builder.run()) {
  }
  return builder.found();
}

void change(Fixture& f, void (*how)(rnn::ModelSpec&)) {
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 5;
  how(spec);
  f.session.set_model(spec);
  f.worker.settle();
}

void verb(Fixture& f, nlohmann::json head) {
  head["type"] = "verb";
  f.session.receive({std::move(head), {}});
}

nlohmann::json section(const session::Session& s) {
  const nlohmann::json mirror = s.mirror();
  for (const auto& part : mirror["sections"])
    if (part["id"] == "attribution") return part;
  return {};
}

constexpr const char* kAnnotated =
    "id\tsequence\tannotation\na\tACGTACGTAC\tnnxxxxnnnn\nb\tTTACGTTT\tnxxxxnnn\n";

}  // namespace

TEST_CASE("every method comes back from the worker as the builder finds it, with the twin beside it") {
  Fixture f;
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec&) {});
  f.train_to(3);
  const session::Attributions& a = f.session.attributions();
  CHECK(a.result() == nullptr);
  CHECK(a.with_twin());  // short
  for (int m = 0; m < kAttributionMethods; ++m) {
    const auto method = static_cast<AttributionMethod>(m);
    verb(f, {{"verb", "attribute"}, {"method", name(method)}, {"output", 1}});
    CHECK(a.busy());
    const bool twin = a.with_twin();
    CHECK(twin);  // short enough for each of them
    f.worker.settle();
    REQUIRE(a.result() != nullptr);
    CHECK_FALSE(a.busy());
    CHECK(a.complete());
    CHECK_FALSE(a.stale());
    const Attribution here = direct(f.session, f.session.weights(), a.choice());
    CHECK(a.result()->request == a.choice());
    CHECK(a.result()->letters == here.letters);
    CHECK(a.result()->effects == here.effects);
    CHECK(a.result()->residual == here.residual);
    CHECK(a.result()->steps == here.steps);
    REQUIRE(a.control() != nullptr);
    CHECK(a.twin_missing().empty());
    std::vector<float> start(f.session.network().parameter_count);
    rnn::initialise<float>(f.session.network(), f.session.project().seed, start);
    const Attribution untrained = direct(f.session, start, a.choice());
    CHECK(a.control()->sum == untrained.sum);
    CHECK(a.control()->correlation == correlation(here.letters, untrained.letters));
  }
  // Without it, everything that tells the finding tells that there is no control.
  verb(f, {{"verb", "attribute"}, {"method", "occlusion"}, {"twin", false}});
  CHECK(a.twin_missing().empty());
  f.worker.settle();
  CHECK(a.control() == nullptr);
  CHECK(a.twin_missing() == "the untrained twin was not computed: it is switched off");
  CHECK(section(f.session)["lines"].dump().find("the untrained twin was not computed") != std::string::npos);
  // By name of the output, and with the twin again.
  verb(f, {{"verb", "attribute"},
           {"method", "left_to_right"},
           {"output", f.session.output_names()[0]},
           {"target", "probability"},
           {"baseline", "dinucleotide"},
           {"twin", true}});
  f.worker.settle();
  REQUIRE(a.result() != nullptr);
  CHECK(a.result()->request.output == 0);
  CHECK(a.result()->baselines == 10);
  CHECK(a.control() != nullptr);
  CHECK(a.about() == "probability of " + f.session.output_names()[0]);
}

TEST_CASE("what was found is of one sequence, one model, and these weights and letters") {
  Fixture f;
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec&) {});
  const session::Attributions& a = f.session.attributions();
  f.session.attributions().ask();
  f.worker.settle();
  REQUIRE(a.result() != nullptr);
  const std::uint64_t tracks = f.session.tracks_revision();
  SUBCASE("another sequence") {
    f.session.select_sequence(3);
    CHECK(a.result() == nullptr);
    f.session.select_sequence(0);
    CHECK(a.result() != nullptr);
    CHECK_FALSE(a.stale());
  }
  SUBCASE("weights") {
    f.train_to(2);
    REQUIRE(a.result() != nullptr);
    CHECK(a.stale());
    f.session.attributions().ask();
    f.worker.settle();
    CHECK_FALSE(a.stale());
  }
  SUBCASE("the twin has other weights, once it was trained") {
    f.session.show_untrained_twin(true);
    f.worker.settle();
    CHECK_FALSE(a.stale());  // it never was
    CHECK_FALSE(a.with_twin());
  }
  SUBCASE("an edited letter is honoured") {
    const char other = f.session.letters()[4] == 'A' ? 'C' : 'A';
    f.session.edits().mutate(4, other);
    f.worker.settle();
    REQUIRE(a.result() != nullptr);
    CHECK(a.stale());
    f.session.attributions().ask();
    f.worker.settle();
    CHECK_FALSE(a.stale());
    CHECK(a.result()->letters == direct(f.session, f.session.weights(), a.choice()).letters);
    f.session.edits().replace(3, 1, "");
    CHECK(a.result() == nullptr);  // positions would not fit
  }
  SUBCASE("model") {
    change(f, [](rnn::ModelSpec& s) { s.cell = rnn::CellKind::Gru; });
    CHECK(a.result() == nullptr);
    CHECK(f.session.tracks_revision() != tracks);
  }
}

TEST_CASE("per position: the output at the cursor, and only the letters it can have heard of") {
  Fixture f;
  f.paste(kAnnotated);
  REQUIRE(f.session.project().model.task == rnn::Task::PositionLabel);
  change(f, [](rnn::ModelSpec& s) { s.directions = rnn::Directions::Forward; });
  const session::Attributions& a = f.session.attributions();
  CHECK(a.obstacle().find("step to") != std::string::npos);
  f.session.attributions().ask();
  CHECK_FALSE(a.busy());
  f.session.go_to(6);
  CHECK(a.obstacle().empty());
  f.session.attributions().ask();
  f.worker.settle();
  REQUIRE(a.result() != nullptr);
  CHECK(a.result()->request.row == 5);
  CHECK(a.result()->reach == 6);
  CHECK(a.result()->letters.size() == 10);
  CHECK(a.about().find(" at position 6") != std::string::npos);
  CHECK(a.contribution_words(7).find("read later") == 0);
  CHECK(a.contribution_words(6).find("contributes ") == 0);
  f.session.go_to(2);  // the figure says of which output it is
  CHECK(a.result() != nullptr);
  CHECK(a.about().find(" at position 6") != std::string::npos);
}

TEST_CASE("refusals say what to do") {
  Fixture f;
  const session::Attributions& a = f.session.attributions();
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec&) {});
  CHECK(a.obstacle().empty());
  SUBCASE("states set by hand") {
    f.session.edits().intervene({0, 1, false, 3, 5, 0.5f});
    CHECK(a.obstacle().find("release them") != std::string::npos);
    f.session.edits().release_all();
    CHECK(a.obstacle().empty());
  }
  SUBCASE("too long") {
    f.paste(">a label=x\n" + std::string(2001, 'A') + "\n>b label=y\nACGTT\n");
    CHECK(a.obstacle().find("2001 positions are too many") == 0);
    verb(f, {{"verb", "attribute"}});
    CHECK_FALSE(a.busy());
    CHECK(f.session.status().severity == Severity::Error);
    CHECK(f.session.status().text.find("cannot attribute") == 0);
  }
}

TEST_CASE("it can be cancelled, and what came until then is incomplete") {
  Fixture f;
  std::string text = ">a label=x\n";
  for (int i = 0; i < 600; ++i) text += "ACGT"[(i * 7 + i / 5) % 4];
  f.paste(text + "\n>b label=y\nACGTTACG\n");
  change(f, [](rnn::ModelSpec& s) { s.hidden = 32; });
  session::Attributions& a = f.session.attributions();
  a.ask();
  f.worker.settle([&] { return !(a.result() && a.result()->done > 0); });
  REQUIRE(a.busy());
  REQUIRE(a.result() != nullptr);
  CHECK_FALSE(a.complete());
  CHECK(a.result()->done < 600);
  CHECK(a.contribution_words(600) == "not computed yet");
  verb(f, {{"verb", "cancel_attribution"}});
  CHECK_FALSE(a.busy());
  f.worker.settle();
  CHECK_FALSE(a.complete());
  CHECK(a.result()->done < 600);
  // Another sequence ends it, too.
  a.ask();
  f.session.select_sequence(1);
  f.worker.settle();
  CHECK_FALSE(a.busy());
  CHECK(a.result() == nullptr);
}

TEST_CASE("a worker that is lost is told of") {
  Fixture f;
  f.paste(planted_fasta());
  f.session.attributions().ask();
  f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}});
  CHECK_FALSE(f.session.attributions().busy());
}

TEST_CASE("messages that are damaged give nothing") {
  Attribution from;
  from.symbols = 4;
  from.reach = 2;
  from.letters = {0.5, -1, 0};
  from.effects.assign(12, 0.25);
  from.effects[3] = std::nan("");
  session::Message message;
  const session::AttributionControl control{1, 2, 3, 0.5};
  session::pack(from, message, &control);
  std::optional<session::AttributionControl> twin;
  const auto back = session::unpack_attribution(message, twin);
  REQUIRE(back);
  CHECK(back->letters == from.letters);
  CHECK(std::isnan(back->effects[3]));
  CHECK(back->effects[4] == 0.25);
  CHECK(back->effects.size() == 12);
  REQUIRE(twin);
  CHECK(twin->correlation == 0.5);
  message.body.pop_back();
  CHECK(session::unpack_attribution(message, twin) == nullptr);
  message.head["attribution"]["letters"] = -1;
  CHECK(session::unpack_attribution(message, twin) == nullptr);
  CHECK(session::unpack_attribution({{{"type", "done"}}, {}}, twin) == nullptr);
}

TEST_CASE("prefixes of a network that reads forwards are its trace, without work") {
  Fixture f;
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec& s) { s.directions = rnn::Directions::Forward; });
  const session::Attributions& a = f.session.attributions();
  CHECK(a.prefix_count() == 0);
  verb(f, {{"verb", "prefixes"}, {"on", true}});
  CHECK(a.prefixes_from_trace());
  REQUIRE(a.prefix_count() == 40);
  CHECK(a.prefix_length(0) == 1);
  CHECK(a.prefix_length(39) == 40);
  CHECK(a.prefix_probability(39, 1) == f.session.trace()->final_probabilities[1]);
  verb(f, {{"verb", "prefixes"}});
  CHECK_FALSE(a.prefixes_wanted());
  CHECK(a.prefix_count() == 0);
}

TEST_CASE("prefixes of a network that reads both ways are read one by one") {
  Fixture f;
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec& s) {
    s.directions = rnn::Directions::Both;
    s.pool = rnn::Pool::Max;
  });
  session::Attributions& a = f.session.attributions();
  a.want_prefixes(true);
  f.worker.settle();
  CHECK_FALSE(a.prefixes_from_trace());
  REQUIRE(a.prefix_count() == 40);
  for (const int i : {0, 16, 39}) {
    rnn::Example e = f.session.example();
    e.tokens = e.tokens.first(static_cast<std::size_t>(i) + 1);
    const rnn::Trace t = rnn::trace(f.session.network(), f.session.weights(), f.session.token_table(), e);
    CHECK(a.prefix_length(i) == i + 1);
    CHECK(a.prefix_probability(i, 0) == doctest::Approx(t.final_probabilities[0]).epsilon(1e-5));
  }
  const std::uint64_t before = a.prefixes_serial();
  f.session.select_sequence(2);
  CHECK(a.prefix_count() == 0);
  f.worker.settle();
  CHECK(a.prefix_count() == 40);
  CHECK(a.prefixes_serial() > before);
  f.train_to(2);
  f.worker.settle();
  CHECK(a.prefix_probability(39, 0) ==
        doctest::Approx(f.session.trace()->final_probabilities[0]).epsilon(1e-5));
}

TEST_CASE("prefixes per position follow the output at the cursor; where that is nothing new it is refused") {
  Fixture f;
  f.paste(kAnnotated);
  session::Attributions& a = f.session.attributions();
  change(f, [](rnn::ModelSpec& s) { s.directions = rnn::Directions::Both; });
  a.want_prefixes(true);
  CHECK(a.prefixes_obstacle().find("step to") != std::string::npos);
  f.session.go_to(4);
  f.worker.settle();
  REQUIRE(a.prefix_count() == 7);
  CHECK(a.prefix_length(0) == 4);
  CHECK(a.prefix_length(6) == 10);
  CHECK(a.prefix_probability(6, 0) == doctest::Approx(f.session.trace()->p(3, 0)).epsilon(1e-5));
  change(f, [](rnn::ModelSpec& s) { s.directions = rnn::Directions::Forward; });
  CHECK(a.prefixes_obstacle().find("one direction") != std::string::npos);
  CHECK(a.prefix_count() == 0);
}

TEST_CASE("the text mirror tells the residual and the largest contributions") {
  Fixture f;
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec&) {});
  nlohmann::json before = section(f.session);
  REQUIRE(before.is_object());
  CHECK(before["lines"][0] == "Nothing has been computed for this sequence yet.");
  CHECK_FALSE(before.contains("table"));
  verb(f, {{"verb", "choose_attribution"}, {"method", "integrated"}});
  CHECK_FALSE(f.session.attributions().busy());
  verb(f, {{"verb", "attribute"}, {"baseline", "shuffled"}});
  f.worker.settle();
  const nlohmann::json after = section(f.session);
  const std::string line = after["lines"][1];
  CHECK(line == completeness_words(*f.session.attributions().result()));
  CHECK(line.find("residual") != std::string::npos);
  CHECK(line.find("(64 steps), mean over 10 baselines") != std::string::npos);
  REQUIRE(after["table"].size() == 11);
  CHECK(after["inputs"][0]["value"] == "integrated");
  const auto size = [&](std::size_t row) {
    return std::fabs(std::stod(after["table"][row][2].get<std::string>()));
  };
  CHECK(size(1) >= size(2));
}

TEST_CASE("a saved table says what the contributions are of, and whether they still hold") {
  Fixture f;
  f.paste(planted_fasta());
  change(f, [](rnn::ModelSpec&) {});
  CHECK(session::attribution_facts(f.session).empty());
  verb(f, {{"verb", "attribute"}, {"method", "integrated"}, {"output", 1}});
  f.worker.settle();
  const auto fact = [&](const std::string& name) {
    for (const io::Fact& one : session::attribution_facts(f.session))
      if (one.name == name) return one.value;
    return std::string();
  };
  CHECK(fact("attribution of") == f.session.attributions().about());
  CHECK(fact("method") == experiment::label(AttributionMethod::IntegratedGradients));
  CHECK(fact("baseline").rfind(experiment::label(experiment::AttributionBaseline::Mean), 0) == 0);
  CHECK(fact("sum") == io::number(f.session.attributions().result()->sum));
  CHECK_FALSE(fact("residual").empty());
  CHECK(fact("attribution is").find("out of date") == std::string::npos);
  f.session.train_once();
  f.worker.settle();
  CHECK(fact("attribution is").find("out of date") != std::string::npos);
}
