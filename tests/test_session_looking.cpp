// Gradients, Jacobians and rotations through the Session and its worker: what is asked, when, and which
// answers still hold.
#include <doctest/doctest.h>

#include <cmath>

#include "rnn/sensitivity.h"
#include "session_fixture.h"

using namespace ribostep;
using tests::Fixture;
using tests::planted_fasta;

namespace {

// What the worker should have found, computed here.
rnn::Sensitivity direct(const session::Session& s, std::span<const float> weights, int step = 0) {
  rnn::SensitivityBuilder builder(s.network(), weights, s.token_table(), s.example(), s.sensitivity_loss(),
                                  step);
  while (!builder.run(100)) {
  }
  return builder.take();
}

bool same(const rnn::Sensitivity& a, const rnn::Sensitivity& b) {
  return a.steps == b.steps && a.letters_per_step == b.letters_per_step &&
         a.state_gradient == b.state_gradient && a.input_gradient == b.input_gradient &&
         a.step_sigma == b.step_sigma && a.product_sigma == b.product_sigma &&
         a.jacobian_note == b.jacobian_note && a.direct_path == b.direct_path;
}

void choose(Fixture& f, rnn::CellKind cell, rnn::Circular circular, int hidden = 5) {
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = cell;
  spec.hidden = hidden;
  spec.circular = circular;
  f.session.set_model(spec);
  f.worker.settle();
}

int asked(Fixture& f, const char* job) {
  int count = 0;
  for (const session::Message& m : f.session.take_outbox()) {
    if (m.type() != "worker")
      f.worker.answer(m);  // an autosave that nobody stores would be waited for
    else if (const auto inner = session::decode(m.body))
      count += inner->type() == job;
  }
  return count;
}

}  // namespace

TEST_CASE("sensitivity is null until it is wanted, and then what the builder finds") {
  Fixture f;
  f.paste(planted_fasta());
  choose(f, rnn::CellKind::Lstm, rnn::Circular::Linear);
  CHECK(f.session.sensitivity() == nullptr);
  for (int i = 0; i < 5; ++i) f.session.update(1 + i, 10);
  CHECK(asked(f, "sensitivity") == 0);  // it costs nothing

  f.session.want_sensitivity(true);
  CHECK(f.session.sensitivity() == nullptr);
  CHECK(f.session.sensitivity_progress() == 0);
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK(f.session.sensitivity_progress() == 1);
  CHECK_FALSE(f.session.sensitivity_stale());
  CHECK(f.session.sensitivity()->step_sigma.size() == 40);
  CHECK(same(*f.session.sensitivity(), direct(f.session, f.session.weights())));
  CHECK(f.session.job().kind == session::JobKind::None);

  f.session.want_sensitivity(false);
  CHECK(f.session.sensitivity() == nullptr);
}

TEST_CASE("another sequence, other weights, the twin or another loss make it anew") {
  Fixture f;
  f.paste(planted_fasta());
  choose(f, rnn::CellKind::Gru, rnn::Circular::Linear);
  f.session.want_sensitivity(true);
  f.worker.settle();
  SUBCASE("sequence") { f.session.select_sequence(3); }
  SUBCASE("weights") { f.train_to(3); }
  SUBCASE("twin") {
    f.train_to(3);
    f.session.show_untrained_twin(true);
  }
  SUBCASE("model") { choose(f, rnn::CellKind::LstmCoupled, rnn::Circular::Linear, 3); }
  SUBCASE("data") { f.paste(">a label=x\nACGTTAGA\n>b label=y\nTTGACATT\n"); }
  SUBCASE("loss") {
    f.session.set_sensitivity_loss(rnn::SensitivityLoss::LastOutput);
    CHECK(f.session.sensitivity() == nullptr);
  }
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK(same(*f.session.sensitivity(), direct(f.session, f.session.weights())));
}

TEST_CASE("at the cursor: the loss follows it, the Jacobians are not computed again") {
  Fixture f;
  f.paste("id\tsequence\tannotation\na\tACGTACGTAC\tnnxxxxnnnn\nb\tTTACGTTT\tnxxxxnnn\n");
  REQUIRE(f.session.project().model.task == rnn::Task::PositionLabel);
  f.session.go_to(4);
  f.session.set_sensitivity_loss(rnn::SensitivityLoss::AtCursor);
  f.session.want_sensitivity(true);
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  const rnn::Sensitivity at_four = *f.session.sensitivity();
  CHECK(same(at_four, direct(f.session, f.session.weights(), 3)));
  CHECK(std::isinf(at_four.input_gradient[4]));
  f.session.go_to(6);
  CHECK(f.session.sensitivity() == nullptr);
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK(same(*f.session.sensitivity(), direct(f.session, f.session.weights(), 5)));
  CHECK(f.session.sensitivity()->step_sigma == at_four.step_sigma);
  CHECK_FALSE(std::isinf(f.session.sensitivity()->input_gradient[4]));
}

TEST_CASE("answers to questions that nobody asks any more are dropped") {
  Fixture f;
  f.paste(planted_fasta());
  f.session.want_sensitivity(true);
  f.worker.settle();
  // Asked for sequence 1, then for sequence 2 before the worker has answered.
  f.session.select_sequence(1);
  f.session.update(1, 10);
  std::vector<session::Message> first = f.session.take_outbox();
  f.session.select_sequence(2);
  f.session.update(1 + 1, 10);
  std::vector<session::Message> second = f.session.take_outbox();
  const auto answer = [&](const std::vector<session::Message>& posted) {
    session::WorkerService worker;
    worker.receive(
        {{{"type", "dataset"}, {"hash", f.session.data().content_hash()}}, f.session.data().pack()});
    for (const session::Message& m : posted)
      if (m.type() == "worker") worker.receive(*session::decode(m.body));
    std::vector<session::Message> all;
    while (worker.run(1e9, [] { return 0.0; })) {
    }
    for (session::Message& m : worker.take_outbox())
      if (m.type() == "done") all.push_back(std::move(m));
    return all;
  };
  const auto late = answer(first), now = answer(second);
  REQUIRE(late.size() == 1);
  REQUIRE(now.size() == 1);
  f.session.receive_from_worker(late[0]);
  CHECK(f.session.sensitivity() == nullptr);
  f.session.receive_from_worker(now[0]);
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK(same(*f.session.sensitivity(), direct(f.session, f.session.weights())));
  // A damaged answer is none.
  session::Message damaged = now[0];
  damaged.body.pop_back();
  CHECK(session::unpack_sensitivity(now[0]) != nullptr);
  CHECK(session::unpack_sensitivity(damaged) == nullptr);
}

TEST_CASE("while training runs the last answer stays on show, said to be old, and the end makes it anew") {
  Fixture f;
  f.paste(planted_fasta());
  choose(f, rnn::CellKind::Lstm, rnn::Circular::Linear);
  f.session.want_sensitivity(true);
  f.worker.settle();
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 1'000'000;
  f.session.set_train(config);
  f.session.train();
  bool seen = true, old = false;
  f.worker.settle([&] {
    seen = seen && f.session.sensitivity() != nullptr;
    old = old || f.session.sensitivity_stale();
    return f.session.training().updates < 200;
  });
  CHECK(seen);
  CHECK(old);
  f.session.pause();
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK_FALSE(f.session.sensitivity_stale());
  CHECK(same(*f.session.sensitivity(), direct(f.session, f.session.weights())));
}

TEST_CASE("a cancelled job and a dead worker take the question with them; it is asked again") {
  Fixture f;
  f.paste(planted_fasta());
  f.session.want_sensitivity(true);
  f.session.update(1, 10);
  f.session.predict();
  SUBCASE("cancelled") { f.session.cancel_job(); }
  SUBCASE("dead") { f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}}); }
  f.worker.settle();
  REQUIRE(f.session.sensitivity() != nullptr);
  CHECK(same(*f.session.sensitivity(), direct(f.session, f.session.weights())));
}

TEST_CASE("what stops two workers is not tried on a third, until something is different") {
  Fixture f;
  f.paste(planted_fasta());
  for (int i = 0; i < 10; ++i) f.worker.pump();  // the autosave is on its way, and `asked` would lose it
  f.session.want_sensitivity(true);
  const auto die = [&] {
    f.session.receive({{{"type", "worker_failed"}, {"message", "out of memory"}}, {}});
  };
  for (int i = 0; i < 2; ++i) {
    f.session.update(1 + i, 10);
    CHECK(asked(f, "sensitivity") == 1);
    CHECK(f.session.sensitivity_obstacle().empty());
    die();
  }
  f.session.update(1 + 3, 10);
  CHECK(asked(f, "sensitivity") == 0);
  CHECK(f.session.sensitivity() == nullptr);
  CHECK(f.session.sensitivity_obstacle().find("choose fewer units") != std::string::npos);
  f.session.select_sequence(1);
  for (int i = 0; i < 1000 && f.session.sensitivity() == nullptr; ++i) f.worker.pump();
  CHECK(f.session.sensitivity() != nullptr);
  CHECK(f.session.sensitivity_obstacle().empty());
}

TEST_CASE("the meter: a line is not equivariant, a settled circle is") {
  Fixture f;
  f.paste(planted_fasta());
  choose(f, rnn::CellKind::Lstm, rnn::Circular::Linear);
  CHECK_FALSE(f.session.equivariance().available);
  CHECK(f.session.circle_report().empty());
  f.train_to(10);
  f.session.measure_equivariance();
  CHECK(f.session.job().kind == session::JobKind::Measuring);
  f.worker.settle();
  session::Equivariance e = f.session.equivariance();
  REQUIRE(e.available);
  CHECK(f.session.job().kind == session::JobKind::None);
  CHECK(e.rotations == 39);
  CHECK(e.all);
  CHECK_FALSE(e.stale);
  CHECK(e.now.largest_change > 1e-4);
  CHECK(e.untrained.largest_change > 1e-5);
  CHECK(e.now.largest_change != e.untrained.largest_change);
  // The figure is what a person finds by rotating the sequence by hand.
  std::string letters(f.session.letters());
  const auto predicted = [&](const std::string& text) {
    std::vector<std::uint8_t> tokens;
    for (const char c : text) tokens.push_back(static_cast<std::uint8_t>(std::string("ACGT").find(c)));
    return rnn::trace(f.session.network(), *f.session.project().weights, f.session.token_table(),
                      {tokens, 0, {}})
        .final_probabilities;
  };
  const std::vector<float> given = predicted(letters);
  double largest = 0;
  int shift = 0;
  for (int by = 1; by < 40; ++by) {
    const std::vector<float> turned = predicted(letters.substr(static_cast<std::size_t>(by)) +
                                                letters.substr(0, static_cast<std::size_t>(by)));
    for (std::size_t k = 0; k < turned.size(); ++k)
      if (std::fabs(static_cast<double>(turned[k]) - static_cast<double>(given[k])) > largest) {
        largest = std::fabs(static_cast<double>(turned[k]) - static_cast<double>(given[k]));
        shift = by;
      }
  }
  CHECK(e.now.largest_change == largest);  // the same bits, traced or predicted
  CHECK(e.now.shift == shift);
  CHECK(f.session.equivariance_words().find("39 rotations") == 0);

  // Gone with the sequence, back with it; old when the weights move on.
  f.session.select_sequence(1);
  CHECK_FALSE(f.session.equivariance().available);
  f.session.select_sequence(0);
  CHECK(f.session.equivariance().available);
  f.session.train_once();
  f.worker.settle();
  CHECK(f.session.equivariance().stale);

  // Fresh small weights contract: the state forgets where it began.
  choose(f, rnn::CellKind::ElmanTanh, rnn::Circular::FixedPoint);
  CHECK_FALSE(f.session.equivariance().available);
  rnn::ModelSpec spec = f.session.project().model;
  spec.pool = rnn::Pool::Mean;
  spec.max_passes = 64;
  spec.init = rnn::Initialisation::Uniform;
  spec.init_range = 0.1;
  f.session.set_model(spec);
  f.worker.settle();
  CHECK(f.session.circle_report().find("settled after ") == 0);
  f.session.measure_equivariance();
  f.worker.settle();
  e = f.session.equivariance();
  REQUIRE(e.available);
  CHECK(e.now.unsettled == 0);
  CHECK(e.now.largest_change < 1e-5);                         // float; settled means 1e-6 at the origin
  CHECK(e.now.largest_change == e.untrained.largest_change);  // it is untrained
}

TEST_CASE("labels per position are compared with themselves; codons are rotated whole") {
  Fixture f;
  f.paste("id\tsequence\tannotation\na\tACGTACGTAGCA\tnnxxxxnnnnnn\nb\tTTACGTTT\tnxxxxnnn\n");
  REQUIRE(f.session.project().model.task == rnn::Task::PositionLabel);
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = rnn::CellKind::Gru;
  spec.circular = rnn::Circular::FixedPoint;
  spec.max_passes = 64;
  spec.init = rnn::Initialisation::Uniform;
  spec.init_range = 0.1;
  f.session.set_model(spec);
  f.worker.settle();
  f.session.measure_equivariance();
  f.worker.settle();
  session::Equivariance e = f.session.equivariance();
  REQUIRE(e.available);
  CHECK(e.per_position);
  CHECK(e.rotations == 11);
  CHECK(e.now.largest_change <
        1e-5);  // compared without rotating back, labels of letters would differ by far

  spec.circular = rnn::Circular::Linear;
  spec.input = rnn::Input::Codons;
  f.session.set_model(spec);
  f.worker.settle();
  CHECK(f.session.equivariance_obstacle().empty());
  f.session.measure_equivariance();
  f.worker.settle();
  e = f.session.equivariance();
  REQUIRE(e.available);
  CHECK(e.step == 3);
  CHECK(e.rotations == 3);
  CHECK(e.now.largest_change > 1e-5);
  CHECK(e.now.shift % 3 == 0);
  CHECK(e.now.position % 3 == 1);
  f.session.select_sequence(1);
  f.worker.settle();
  CHECK(f.session.equivariance_obstacle().find("codons") != std::string::npos);  // 8 letters
  f.session.measure_equivariance();
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.session.job().kind == session::JobKind::None);
}

TEST_CASE("rotations of a long circle are spread, and can be given up") {
  Fixture f;
  std::string text = ">a label=x topology=circular\n", other = ">b label=y\n";
  for (int i = 0; i < 700; ++i) text += "ACGT"[(i * i + i / 7) % 4], other += "ACGT"[(i * 3 + i / 5) % 4];
  f.paste(text + "\n" + other + "\n");
  choose(f, rnn::CellKind::ElmanTanh, rnn::Circular::TwoPass, 2);
  CHECK(f.session.circle_report().find("two passes") != std::string::npos);
  f.session.measure_equivariance();
  f.session.cancel_job();
  f.worker.settle();
  CHECK_FALSE(f.session.equivariance().available);
  f.session.measure_equivariance();
  f.worker.settle();
  const session::Equivariance e = f.session.equivariance();
  REQUIRE(e.available);
  CHECK(e.rotations == session::kMostRotations);
  CHECK_FALSE(e.all);
  CHECK(f.session.equivariance_words().find("evenly spread") != std::string::npos);
}

TEST_CASE("what has no probability or no circle is refused with a way out") {
  Fixture f;
  f.paste(">only\nACGTACGTTAGACCAGATTTACAGGA\n");
  REQUIRE(f.session.project().model.task == rnn::Task::NextSymbol);
  CHECK(f.session.equivariance_obstacle().find("choose another task") != std::string::npos);
  f.session.measure_equivariance();
  CHECK(f.session.status().severity == Severity::Error);
}

TEST_CASE(
    "a counter modulo 3 on a circle that 3 does not divide never settles, and that is reported everywhere") {
  Fixture f;
  f.paste(">a label=x\nACGTACG\n>b label=y\nTTGACAT\n");
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = rnn::CellKind::ElmanRelu;
  spec.hidden = 3;
  spec.circular = rnn::Circular::FixedPoint;
  spec.max_passes = 5;
  spec.initial = rnn::InitialState::Learned;
  f.session.set_model(spec);
  f.worker.settle();
  // h turns by one place at each letter, from (1, 0, 0): 7 letters are 2 turns and one place.
  io::Project project = f.session.project();
  const rnn::Network net = rnn::make_network(project.model);
  auto weights = std::make_shared<std::vector<float>>(net.parameter_count, 0.0f);
  const auto w_h = rnn::view(net, std::span(*weights), net.layers[0].w_h);
  const auto h_0 = rnn::view(net, std::span(*weights), net.layers[0].h_0);
  for (int i = 0; i < 3; ++i) w_h((i + 1) % 3, i) = 1;
  h_0(0) = 1;
  const auto readout = rnn::view(net, std::span(*weights), net.readout_weight);
  readout(0, 0) = 1;
  project.weights = project.start_weights = weights;
  f.session.open_project(io::to_json(project, {}).dump());
  f.worker.settle();
  CHECK(f.session.circle_report() == "has not settled after 5 passes");
  REQUIRE(f.session.predictions().available);
  CHECK(f.session.predictions().unsettled == 2);
  CHECK(f.session.unsettled_words() == "2 sequences predicted: not settled at the limit of 5 passes");
  f.session.measure_equivariance();
  f.worker.settle();
  REQUIRE(f.session.equivariance().available);
  CHECK(f.session.equivariance().now.unsettled == 7);
  CHECK(f.session.circle_words().find("not settled from 7 of 7 origins") != std::string::npos);
  CHECK(f.session.mirror()["circle"].get<std::string>() == f.session.circle_words());
  f.session.train_once();
  f.worker.settle();
  REQUIRE_FALSE(f.session.training().evaluations.empty());
  CHECK(f.session.training().evaluations.front().unsettled == 2);
}
