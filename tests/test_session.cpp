// The main job on Session: load, train, step, undo, share, come back. What a person sees, without the screen.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "session_fixture.h"

using namespace ribostep;
using tests::Fixture;
using tests::planted_fasta;

TEST_CASE("the page opens alive: trained, steppable, with an untrained twin") {
  Fixture f;
  CHECK(f.session.has_data());
  CHECK(f.session.trained());
  REQUIRE(f.session.trace() != nullptr);
  CHECK(f.session.length() > 10);
  CHECK_FALSE(f.session.examples().empty());
  const float trained = f.session.trace()->final_probabilities.at(0);
  f.session.show_untrained_twin(true);
  f.worker.settle();
  CHECK(f.session.trace()->final_probabilities.at(0) != trained);
  f.session.show_untrained_twin(false);
  f.worker.settle();
  CHECK(f.session.trace()->final_probabilities.at(0) == trained);
}

TEST_CASE("a pasted set of 20 labelled records is read, summarised and becomes the data") {
  Fixture f;
  f.paste(planted_fasta());
  CHECK(f.session.data().size() == 20);
  CHECK(f.session.load_summary() == "20 sequences, DNA, 40 letters each, 2 classes (10 / 10)");
  CHECK(f.session.project().model.classes == 2);
  CHECK(f.session.position() == 0);
  CHECK_FALSE(f.session.trained());
  REQUIRE(f.session.trace() != nullptr);
}

TEST_CASE("bad input leaves what was there and says what to do") {
  Fixture f;
  f.paste(planted_fasta());
  const std::string before = f.session.project().data.content_hash;
  const std::string weights = f.hash();
  for (const std::string& bad : {std::string(), std::string("   \n\n"),
                                 std::string("\x7f"
                                             "ELF\0\0\0\1\2",
                                             9),
                                 std::string("\x1f\x8b\x08\0\0\0\0\0", 8)}) {
    const int serial = f.session.status().serial;
    f.paste(bad);
    CHECK(f.session.status().serial > serial);
    CHECK(f.session.status().severity == Severity::Error);
    CHECK(f.session.project().data.content_hash == before);
    CHECK(f.hash() == weights);
  }
}

TEST_CASE("one unlabelled record: next-letter model; one class: negatives can be made") {
  Fixture f;
  f.paste(">only\nACGTACGTTAGACCAGATTTACAGGA\n");
  CHECK(f.session.project().model.task == rnn::Task::NextSymbol);
  f.train_to(3);
  CHECK(f.session.training().updates >= 3);

  f.paste(">a label=site\nACGTACGGTA\n>b label=site\nTTTACGACGA\n>c label=site\nACCCGACGAA\n");
  f.session.make_negatives(bio::ShuffleKind::Mono);
  f.worker.settle();
  CHECK(f.session.data().size() == 6);
  CHECK(f.session.labels().classes.size() == 2);
  CHECK(f.session.project().model.task == rnn::Task::SequenceLabel);
}

TEST_CASE(
    "training a planted motif halves the loss within 200 updates; the run can be repeated bit for bit") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = rnn::CellKind::Lstm;
  f.session.set_model(spec);
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 1000;
  f.session.set_train(config);
  f.train_to(200);
  const auto& evaluations = f.session.training().evaluations;
  REQUIRE(evaluations.size() >= 2);
  CHECK(evaluations.back().train_loss < 0.5 * evaluations.front().train_loss);

  // The recipe alone leads to the same bits in a fresh session.
  const std::string hash = f.hash();
  const std::int64_t updates = f.session.project().updates;
  const std::string link = f.session.share_fragment(io::WeightsAs::Recipe);
  Fixture other(link);
  CHECK(other.session.project().updates == updates);
  CHECK(other.hash() == hash);
  CHECK(other.session.status().severity == Severity::Note);

  // Reset leads to the start, and training again to the same place.
  f.session.reset();
  f.worker.settle();
  CHECK(f.session.project().updates == 0);
  f.session.train();
  f.worker.settle([&] { return f.session.training().updates < updates; });
  f.session.pause();
  f.worker.settle();
  if (f.session.project().updates == updates) CHECK(f.hash() == hash);
}

TEST_CASE("a learning rate changed on the way is part of the recipe") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(10);
  rnn::TrainConfig config = f.session.train_settings();
  config.learning_rate = 0.002;
  f.session.set_train(config);
  f.worker.settle();
  REQUIRE(f.session.project().changes.size() == 1);
  CHECK(f.session.train_settings().learning_rate == 0.002);
  f.session.train();
  const std::int64_t goal = f.session.training().updates + 10;
  f.worker.settle([&] { return f.session.training().updates < goal; });
  f.session.pause();
  f.worker.settle();
  const std::string hash = f.hash();
  Fixture other(f.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(other.hash() == hash);
  CHECK(other.session.train_settings().learning_rate == 0.002);
}

TEST_CASE("undo and redo restore weights bit for bit, across training, model and data") {
  Fixture f;
  f.paste(planted_fasta());
  const std::string start = f.hash();
  f.train_to(5);
  const std::string trained = f.hash();
  CHECK(trained != start);
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 7;
  f.session.set_model(spec);
  f.worker.settle();
  CHECK(f.session.project().updates == 0);
  f.session.undo();  // the model
  f.worker.settle();
  CHECK(f.hash() == trained);
  CHECK(f.session.project().updates >= 5);
  CHECK_FALSE(f.session.training().evaluations.empty());
  f.session.undo();  // the training
  f.worker.settle();
  CHECK(f.hash() == start);
  f.session.redo();
  f.worker.settle();
  CHECK(f.hash() == trained);
  while (f.session.can_undo()) f.session.undo();
  f.worker.settle();
  CHECK(f.session.data().size() > 20);  // the opening example
}

TEST_CASE("training goes on after undo from exactly where it was") {
  Fixture f;
  f.paste(planted_fasta());
  f.session.train_once();
  f.worker.settle();
  f.session.train_once();
  f.worker.settle();
  CHECK(f.session.project().updates == 2);
  const std::string two = f.hash();
  rnn::ModelSpec spec = f.session.project().model;
  spec.hidden = 5;
  f.session.set_model(spec);
  f.session.undo();
  f.worker.settle();
  f.session.train_once();  // replays two updates, makes the third
  f.worker.settle();
  CHECK(f.session.project().updates == 3);
  Fixture other(f.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(other.hash() == f.hash());
  CHECK(f.hash() != two);
}

TEST_CASE("stepping: letters, codons, ends, running") {
  Fixture f;
  f.paste(planted_fasta());
  f.session.step(1);
  CHECK(f.session.position() == 1);
  CHECK(f.session.step_sentence().rfind("read ", 0) == 0);
  f.session.step(3);
  CHECK(f.session.position() == 4);
  f.session.step(-100);
  CHECK(f.session.position() == 0);
  f.session.go_to(1000);
  CHECK(f.session.position() == f.session.length());
  f.session.set_running(true);
  CHECK(f.session.position() == 0);
  f.worker.settle();
  CHECK(f.session.position() == f.session.length());
  CHECK_FALSE(f.session.running());
}

TEST_CASE("the terms of a step add up to its pre-activation and the state follows from them") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = rnn::CellKind::ElmanRelu;
  f.session.set_model(spec);
  f.worker.settle();
  f.session.go_to(9);
  const rnn::StepTerms terms = f.session.terms(0);
  for (std::size_t k = 0; k < terms.pre_activation.size(); ++k) {
    const float sum =
        terms.input_term[k] + terms.recurrent_term[k] + terms.bias_input[k] + terms.bias_recurrent[k];
    CHECK(sum ==
          doctest::Approx(terms.pre_activation[k]).epsilon(1e-5));  // another order of the same five sums
    CHECK(f.session.trace()->layers[0].h(8, static_cast<int>(k)) == std::max(0.0f, terms.pre_activation[k]));
  }
}

TEST_CASE("autosave brings everything back, also after training") {
  std::map<std::string, session::Bytes> stored;
  std::string hash;
  std::int64_t updates = 0;
  {
    Fixture f;
    f.paste(planted_fasta());
    f.train_to(5);
    f.session.go_to(11);
    for (int i = 0; i < 200; ++i) f.worker.pump();  // lets the autosave come due
    stored = f.worker.storage();
    hash = f.hash();
    updates = f.session.project().updates;
  }
  REQUIRE(stored.count("session") == 1);
  Fixture again;
  again.worker.storage() = stored;
  again.worker.boot("", stored["session"]);
  again.worker.settle();
  CHECK(again.session.data().size() == 20);
  CHECK(again.hash() == hash);
  CHECK(again.session.project().updates == updates);
  CHECK(again.session.position() == 11);
}

TEST_CASE("a link that was cut off or edited is refused and nothing is lost") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(3);
  const std::string link = f.session.share_fragment(io::WeightsAs::Recipe);
  const std::string hash = f.hash();
  for (const std::string& bad :
       {link.substr(0, link.size() / 2), link + "xx", std::string("#p=AAAA"), std::string("#p=")}) {
    f.session.receive({{{"type", "hash"}, {"value", bad}}, {}});
    f.worker.settle();
    CHECK(f.session.status().severity == Severity::Error);
    CHECK(f.hash() == hash);
    CHECK(f.session.data().size() == 20);
  }
}

TEST_CASE("predictions, cross-validation and scanning answer with the counts they show") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(20);
  f.session.predict();
  f.worker.settle();
  REQUIRE(f.session.predictions().available);
  CHECK(f.session.predictions().rows.size() == 20);
  CHECK(f.session.predictions().train.n + f.session.predictions().validation.n == 20);
  CHECK_FALSE(f.session.predictions().baselines.empty());

  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 2;
  f.session.reset();
  f.session.set_train(config);
  f.session.cross_validate(5, 1);
  f.worker.settle();
  const session::CrossValidation& cv = f.session.cross_validation();
  REQUIRE(cv.available);
  CHECK(cv.score.n == 20);
  int total = 0, diagonal = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      total += cv.confusion.at(i, j), diagonal += i == j ? cv.confusion.at(i, j) : 0;
  CHECK(total == 20);
  CHECK(diagonal == cv.score.correct);
  f.session.cross_validate(50, 1);  // more folds than the smallest class has records
  CHECK(f.session.status().severity == Severity::Error);

  f.session.scan(20, 10, true);
  f.worker.settle();
  // 40 letters, windows of 20 every 10: three windows on two strands and the header.
  CHECK(std::count(f.session.scan_tsv().begin(), f.session.scan_tsv().end(), '\n') == 7);
}

TEST_CASE("sharing posts the link; a worker that dies costs nothing but the run") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(4);
  const std::string hash = f.hash();
  f.session.share();
  f.worker.settle();
  bool copied = false;
  for (const session::Message& m : f.worker.take_posts())
    if (m.type() == "copy") copied = m.head["text"].get<std::string>().find("#p=") != std::string::npos;
  CHECK(copied);
  f.session.receive({{{"type", "worker_failed"}, {"message", "out of memory"}}, {}});
  CHECK(f.session.status().severity == Severity::Error);
  CHECK(f.hash() == hash);
  const std::int64_t before = f.session.project().updates;
  f.session.train_once();
  f.worker.settle();
  CHECK(f.session.project().updates == before + 1);
}

TEST_CASE("the opening example brings its curves back, and its weights follow from its recipe") {
  Fixture f;
  CHECK(f.session.status().severity != Severity::Warning);
  CHECK(f.session.project().updates > 0);
  CHECK(f.session.project().start_weights == nullptr);
  REQUIRE(f.session.training().evaluations.size() > 2);
  CHECK(f.session.training().curve.size() == static_cast<std::size_t>(f.session.project().updates));
  CHECK(f.session.training().evaluations.back().train_loss <
        f.session.training().evaluations.front().train_loss);
}

TEST_CASE("weights that do not follow from their recipe are kept, and said to be a leg of their own") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(5);
  io::Project forged = f.session.project();
  auto weights = std::make_shared<std::vector<float>>(*forged.weights);
  (*weights)[3] += 0.5f;
  forged.weights = weights;
  const std::string kept = rnn::weights_hash(*weights);
  Fixture other(io::to_fragment(forged, {io::WeightsAs::Float32, true}));
  CHECK(other.hash() == kept);
  CHECK(other.session.status().severity == Severity::Warning);
  CHECK(other.session.project().updates == 0);
  other.session.train_once();
  other.worker.settle();
  CHECK(other.hash() != kept);
}

TEST_CASE("training pressed during the replay goes on after it, and the recipe stays true") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(8);
  Fixture other;
  other.session.open_fragment(f.session.share_fragment(io::WeightsAs::Float32));
  const std::int64_t opened = other.session.project().updates;
  other.session.train_once();
  other.worker.settle();
  CHECK(other.session.project().updates == opened + 1);
  Fixture third(other.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(third.hash() == other.hash());
}

TEST_CASE("a finished run that is given more epochs goes on, also when the recipe has to be replayed first") {
  Fixture f;
  f.paste(planted_fasta());
  rnn::TrainConfig config = f.session.train_settings();
  config.max_epochs = 3;
  f.session.set_train(config);
  f.session.train();
  f.worker.settle();
  CHECK(f.session.training().finish == rnn::Finish::Epochs);
  // One update is one update, though the run may go on for three more epochs from here.
  f.session.train_once();
  f.worker.settle();
  CHECK(f.session.project().updates == 3 * f.session.training().per_epoch + 1);
  const std::int64_t first = f.session.project().updates;
  f.session.receive({{{"type", "worker_failed"}, {"message", "gone"}}, {}});
  f.session.train_once();
  f.worker.settle();
  CHECK(f.session.project().updates == first + 1);
  CHECK(f.session.train_settings().max_epochs == 6);
  Fixture other(f.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(other.hash() == f.hash());
}

TEST_CASE("weights rounded to 16 bits travel in the link and are said to be a new leg") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(5);
  const float before = (*f.session.project().weights)[0];
  Fixture other(f.session.share_fragment(io::WeightsAs::Float16));
  // binary16 keeps 11 bits: half a unit in the last place is 2^-12 of the value.
  CHECK((*other.session.project().weights)[0] == doctest::Approx(before).epsilon(1.0 / 4096));
  CHECK(other.session.project().updates == 0);
  CHECK(other.session.status().severity == Severity::Note);
  const std::string rounded = other.hash();
  other.session.train_once();
  other.worker.settle();
  CHECK(other.hash() != rounded);
}

TEST_CASE("unlabelled sequences can be added and predicted while network, split and recipe stay") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(5);
  const std::string hash = f.hash();
  const bio::Split split = f.session.split();
  const std::string text = ">new1\nACGTACGTTATAATACGTAC\n>new2\nGGGGCCCCGGGG\n";
  f.session.add_unlabelled(session::Bytes(text.begin(), text.end()), "typed");
  f.worker.settle();
  CHECK(f.session.data().size() == 22);
  CHECK(f.hash() == hash);
  CHECK(f.session.split().train == split.train);
  CHECK(f.session.split().validation == split.validation);
  CHECK(f.session.status().severity == Severity::Note);
  REQUIRE(f.session.predictions().available);
  CHECK(f.session.predictions().rows[20].predicted >= 0);
  CHECK(f.session.predictions().rows[20].loss < 0);  // no label, no loss
  f.session.train_once();  // replays over the longer set: the same recipe, one update more
  f.worker.settle();
  Fixture other(f.session.share_fragment(io::WeightsAs::Recipe));
  CHECK(other.hash() == f.hash());
  CHECK(other.session.project().updates == f.session.project().updates);
}

TEST_CASE("a pasted share link opens, also with a line end; a name that looks like one does not") {
  Fixture f;
  f.paste(planted_fasta());
  f.train_to(4);
  const std::string link = "http://localhost:8080/" + f.session.share_fragment(io::WeightsAs::Recipe);
  Fixture other;
  other.paste("  " + link + "\r\n");
  CHECK(other.hash() == f.hash());
  CHECK(other.session.data().size() == 20);
  other.paste(">a#p=1 label=x\nACGT\n>b label=y\nACGA\n");
  CHECK(other.session.data().size() == 2);
  const std::string kept = other.hash();
  other.paste(link.substr(0, link.size() - 9));
  CHECK(other.session.status().severity == Severity::Error);
  CHECK(other.hash() == kept);
}

TEST_CASE("the text mirror offers data and model as lists, and choosing one does it") {
  Fixture f;
  const nlohmann::json choices = f.session.mirror()["choices"];
  REQUIRE(choices.is_array());
  CHECK(choices.size() > 20);  // which ones is test_session_form.cpp's
  for (const auto& choice : choices) {
    if (choice["kind"] != "list") continue;
    // The value shown is one of the options.
    CHECK(std::any_of(choice["options"].begin(), choice["options"].end(),
                      [&](const nlohmann::json& option) { return option[0] == choice["value"]; }));
  }
  f.session.receive({{{"type", "verb"}, {"verb", "set_model"}, {"cell", "gru"}, {"hidden", 4}}, {}});
  f.worker.settle();
  CHECK(f.session.project().model.cell == rnn::CellKind::Gru);
  CHECK(f.session.mirror()["choices"][2]["value"] == "gru");
  f.session.receive({{{"type", "verb"}, {"verb", "example"}, {"id", "proteins"}}, {}});
  f.worker.settle();
  CHECK(f.session.data().size() == 260);
  CHECK(f.session.mirror()["choices"][0]["value"] == "proteins");
}
