// Motifs to begin with. Sources: REBASE (restriction sites), PROSITE (protein patterns), and the papers
// named.
#include "motif/pattern.h"

namespace ribostep::motif {
namespace {

constexpr auto kDna = bio::AlphabetKind::Dna;
constexpr auto kRna = bio::AlphabetKind::Rna;
constexpr auto kProtein = bio::AlphabetKind::Protein;

constexpr Preset kPresets[] = {
    {"acg", "ACG, as in the textbook", "ACG", kDna, Mode::Contains, 0,
     "three letters: the smallest machine that shows everything"},
    {"orf", "start codon .. stop codon in frame", "ATG(VNN|TYN|TAY|TGB)*(TAR|TGA)", kDna, Mode::EndsHere, 0,
     "ATG, sense codons only, then TAA, TAG or TGA: an open reading frame of the standard genetic code"},
    {"tata_box", "TATA box", "TATAWAW", kDna, Mode::Contains, 0,
     "core promoters of eukaryotes; consensus of Goldberg and Hogness (1979), Bucher (1990)"},
    {"cpg_run", "CpG run", "(CG){3,}", kDna, Mode::EndsHere, 0,
     "three or more CG in a row, as in CpG islands (Gardiner-Garden & Frommer 1987)"},
    {"ecori", "EcoRI site", "GAATTC", kDna, Mode::EndsHere, 0, "restriction site G^AATTC (REBASE)"},
    {"bamhi", "BamHI site", "GGATCC", kDna, Mode::EndsHere, 0, "restriction site G^GATCC (REBASE)"},
    {"hindiii", "HindIII site", "AAGCTT", kDna, Mode::EndsHere, 0, "restriction site A^AGCTT (REBASE)"},
    {"noti", "NotI site", "GCGGCCGC", kDna, Mode::EndsHere, 0,
     "restriction site GC^GGCCGC, a rare cutter (REBASE)"},
    {"hinfi", "HinfI site", "GANTC", kDna, Mode::EndsHere, 0,
     "restriction site G^ANTC; N is any base (REBASE)"},
    {"bstxi", "BstXI site", "CCAN{6}TGG", kDna, Mode::EndsHere, 0,
     "restriction site CCANNNNN^NTGG: six bases between that may be any (REBASE)"},
    {"shine_dalgarno", "Shine-Dalgarno, 1 mismatch", "AGGAGG", kDna, Mode::EndsHere, 1,
     "binds the ribosome in bacteria (Shine & Dalgarno 1974); one letter may be another"},
    {"kozak", "Kozak sequence", "GCCRCCATGG", kDna, Mode::EndsHere, 0,
     "round the start codon of vertebrates (Kozak 1987)"},
    {"polya", "polyadenylation signal", "AAUAAA", kRna, Mode::Contains, 0,
     "10 to 30 bases before the poly(A) tail (Proudfoot & Brownlee 1976)"},
    {"n_glyc", "N-glycosylation", "N-{P}-[ST]-{P}", kProtein, Mode::EndsHere, 0, "PROSITE PS00001"},
    {"pkc", "protein kinase C site", "[ST]-x-[RK]", kProtein, Mode::EndsHere, 0, "PROSITE PS00005"},
    {"p_loop", "P-loop (ATP/GTP-binding)", "[AG]-x(4)-G-K-[ST]", kProtein, Mode::EndsHere, 0,
     "PROSITE PS00017, Walker's motif A (1982)"},
    {"rgd", "RGD (cell attachment)", "R-G-D", kProtein, Mode::Contains, 0, "PROSITE PS00016"},
    {"zinc_finger", "zinc finger C2H2", "C-x(2,4)-C-x(3)-[LIVMFYWC]-x(8)-H-x(3,5)-H", kProtein, Mode::Whole,
     0, "PROSITE PS00028; one finger and nothing else, as looking for it anywhere takes too many states"},
    {"myristoyl", "N-terminal myristoylation", "<M-G-{EDRKHPFYW}-x(2)-[STAGCN]-{P}", kProtein, Mode::Contains,
     0, "PROSITE PS00008 behind the first methionine: only at the start of the sequence"},
    {"peroxisome", "C-terminal peroxisome signal", "[STAGCN]-[RKH]-[LIVMAFY]>", kProtein, Mode::Contains, 0,
     "PROSITE PS00342: only at the end of the sequence"},
};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

}  // namespace ribostep::motif
