using static OrleansPbft.Core.Tests.Claims;

namespace OrleansPbft.Core.Tests;

/// <summary>VC-4 clause by clause (TOCS 2002, 4.5 and figure 4), and the ways in which others got it wrong (LESSONS B23 ... B26).
/// Every example is decided in every order of its set.</summary>
public sealed class ViewChangeDecisionTests
{
    private const int Window = 8;

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10)]
    public void Fewer_than_q_decide_nothing(int replicas)
    {
        var cluster = new ClusterSize(replicas);

        Assert.Null(ViewChangeDecision.Decide(cluster, Window, [.. Ignorant(cluster.Quorum - 1, from: 0)]));
        Assert.Equal("base n0 choices []", Decide(cluster, [.. Ignorant(cluster.Quorum, from: 0)]));
    }

    /// <summary>B24: min-s is the highest checkpoint that is proven, not the lowest that is named; equal to max-s there is nothing to choose.</summary>
    [Fact]
    public void The_base_is_the_highest_checkpoint_that_f_plus_1_hold()
    {
        Assert.Equal("base n4 choices []", Decide(4, Of(0), Of(1, stable: 4), Of(2, stable: 4)));
        Assert.Equal("base n8 choices []", Decide(4, Of(0, checkpoints: "4:state 8:state"), Of(1, stable: 4), Of(2, stable: 8)));
        Assert.Equal("base n4 choices []", Decide(4, Of(0, "3:A@0", "3:A@0"), Of(1, "4:B@0", "4:B@0", stable: 0, "4:state"), Of(2, stable: 4)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10)]
    public void F_can_not_vouch_for_a_checkpoint_and_f_plus_1_can(int replicas)
    {
        var cluster = new ClusterSize(replicas);
        var f = cluster.MaxFaulty;
        var liars = Enumerable.Range(0, f).Select(static i => Of(i, checkpoints: "8:x")).ToArray();

        Assert.Equal("base n0 choices []", Decide(cluster, [.. liars, .. Ignorant(cluster.Quorum - f, from: f)]));
        Assert.Equal("base n8 choices []", Decide(cluster, [.. liars, Of(f, checkpoints: "8:x"), .. Ignorant(cluster.Quorum - f - 1, from: f + 1)]));
    }

    [Fact]
    public void Holders_of_different_digests_do_not_add_up() =>
        Assert.Equal("base n0 choices []", Decide(4, Of(0, checkpoints: "8:x"), Of(1, checkpoints: "8:y"), Of(2)));

    /// <summary>B26: f + 1 hold the lower one, but fewer than q are not beyond it; nobody but its one holder knows the higher one.</summary>
    [Fact]
    public void A_checkpoint_that_too_many_are_beyond_is_no_base()
    {
        Assert.Null(Decide(4, Of(0), Of(1), Of(2, stable: 4)));
        Assert.Null(Decide(7, Of(0, stable: 4), Of(1, stable: 4), Of(2, stable: 4), Of(3, stable: 8), Of(4, stable: 8)));

        Assert.Equal("base n4 choices []", Decide(4, Of(0), Of(1, checkpoints: "4:state"), Of(2, stable: 4)));
        Assert.Equal("base n0 choices []", Decide(4, Of(0), Of(1), Of(2, stable: 4), Of(3)));
    }

    [Fact]
    public void What_prepared_and_was_proposed_to_f_plus_1_is_chosen()
    {
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1, "", "1:A@0"), Of(2)));
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1, "1:A@0", "1:A@0"), Of(2, "1:A@0", "1:A@0")));
    }

    /// <summary>B23: prepared A in view 0 at one, B in view 1 at another: the later one is chosen, whichever comes last in the set.</summary>
    [Fact]
    public void The_certificate_of_the_highest_view_is_chosen()
    {
        Assert.Equal(Chosen("B"), Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@0 1:B@1")));
        Assert.Equal(Chosen("B"), Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@0"), Of(3, "", "1:B@1")));
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@2", "1:A@2"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@2 1:B@1"), Of(3, "", "1:B@1 1:A@2")));
    }

    /// <summary>A1: another digest prepared in a later view speaks against it: it can not have committed.</summary>
    [Fact]
    public void A_later_certificate_speaks_against_an_earlier_one()
    {
        Assert.Null(Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@0"))); // B lacks A2, A lacks A1
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@0"), Of(3))); // one liar, B
    }

    /// <summary>A1: so does another one of the same view; with all correct replicas in the set the liar is outvoted.</summary>
    [Fact]
    public void Another_certificate_of_the_same_view_speaks_against_it()
    {
        Assert.Null(Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@1")));
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@1"), Of(3)));
    }

    /// <summary>A2 (B25): a P entry that f + 1 do not know of was made up.</summary>
    [Fact]
    public void A_fabricated_certificate_is_not_chosen()
    {
        Assert.Null(Decide(4, Of(0, "1:A@5", "1:A@5"), Of(1), Of(2)));
        Assert.Equal(Chosen("null"), Decide(4, Of(0, "1:A@5", "1:A@5"), Of(1), Of(2), Of(3)));
    }

    /// <summary>A2: a proposal in an earlier view does not vouch for a certificate of a later one; one in a later view does.</summary>
    [Fact]
    public void Proposals_vouch_for_their_view_and_earlier_ones()
    {
        Assert.Null(Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "", "1:A@0"), Of(2)));
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "", "1:A@1"), Of(2)));
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "", "1:A@2 1:B@3"), Of(2)));
    }

    /// <summary>A2: proposals of another digest, or at another n, do not vouch for it.</summary>
    [Fact]
    public void Proposals_vouch_for_their_own_digest_only()
    {
        Assert.Null(Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "", "1:B@1"), Of(2)));
        Assert.Null(Decide(4, Of(0, "2:A@1", "2:A@1"), Of(1, "", "1:A@1 3:A@1"), Of(2)));
    }

    /// <summary>A2: a member vouches once, however often it names the digest.</summary>
    [Fact]
    public void A_member_vouches_once() =>
        Assert.Null(Decide(4, Of(0, "1:A@1", "1:A@1 1:A@2"), Of(1), Of(2)));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(10)]
    public void A1_needs_q_and_A2_needs_f_plus_1(int replicas)
    {
        var cluster = new ClusterSize(replicas);
        var (q, f) = (cluster.Quorum, cluster.MaxFaulty);
        ViewChange[] Set(int agreeing, int naming) =>
        [
            Of(0, "1:A@2", "1:A@2"),
            .. Enumerable.Range(1, naming - 1).Select(static i => Of(i, "", "1:A@2")),
            .. Ignorant(agreeing - naming, from: naming),
            .. Enumerable.Range(agreeing, q - agreeing).Select(static i => Of(i, "1:B@3", "1:C@3")),
        ];

        Assert.Equal(Chosen("A"), Decide(cluster, Set(agreeing: q, naming: f + 1)));
        Assert.Null(Decide(cluster, Set(agreeing: q - 1, naming: f + 1)));
        Assert.Null(Decide(cluster, Set(agreeing: q, naming: f)));
    }

    /// <summary>A1 and null: members whose window is beyond n say nothing about it.</summary>
    [Fact]
    public void Members_beyond_n_neither_agree_nor_know_nothing()
    {
        Assert.Null(Decide(4, Of(0, "2:A@0", "2:A@0"), Of(1, "2:B@5", "2:B@5"), Of(2, "", "2:A@0"), Of(3, stable: 4)));
        Assert.Null(Decide(4, Of(0, "4:A@0", "4:A@0"), Of(1, "4:B@5", "4:B@5"), Of(2, "", "4:A@0"), Of(3, stable: 4)));
        Assert.Null(Decide(4, Of(0, "1:A@0", "1:A@0"), Of(1), Of(2), Of(3, stable: 1 * 4)));
        Assert.Null(Decide(4, Of(0, "4:A@0", "4:A@0"), Of(1), Of(2), Of(3, stable: 4)));
    }

    /// <summary>Null where q prepared nothing, and only there: f + 1, or q - 1, do not do.</summary>
    [Fact]
    public void Null_is_chosen_where_q_know_of_nothing()
    {
        Assert.Equal(Chosen("null", "A"), Decide(4, Of(0, "2:A@0", "2:A@0"), Of(1, "", "2:A@0"), Of(2)));
        Assert.Equal(Chosen("A", "null", "null", "B"), Decide(4, Of(0, "1:A@0 4:B@0", "1:A@0 4:B@0"), Of(1, "", "1:A@0 4:B@0"), Of(2)));
        Assert.Null(Decide(4, Of(0, "1:A@0 2:A@0", "2:A@0"), Of(1, "", "2:A@0"), Of(2)));
    }

    /// <summary>Proposals alone prove nothing: what no one prepared has not committed.</summary>
    [Fact]
    public void What_was_proposed_and_prepared_nowhere_is_not_chosen() =>
        Assert.Equal("base n0 choices []", Decide(4, Of(0, "", "1:A@0"), Of(1, "", "1:A@0"), Of(2, "", "1:A@0")));

    /// <summary>The null batch is a batch: prepared in an earlier view it is carried over as any other, and beats what prepared before it.</summary>
    [Fact]
    public void A_null_that_prepared_is_carried_over()
    {
        Assert.Equal(Chosen("null"), Decide(4, Of(0, "1:null@1", "1:null@1"), Of(1, "1:A@0", "1:A@0 1:null@1"), Of(2, "", "1:A@0")));
        Assert.Equal(Chosen("null"), Decide(4, Of(0, "1:null@1", "1:null@1"), Of(1, "1:null@1", "1:null@1"), Of(2, "1:null@1", "1:null@1")));
    }

    /// <summary>Two certificates of one view, f liars behind both: every replica takes the same.</summary>
    [Fact]
    public void A_tie_is_broken_alike_everywhere()
    {
        var first = D("A").CompareTo(D("B")) < 0 ? "A" : "B";

        Assert.Equal(Chosen(first), Decide(4, Of(0, "1:A@1", "1:A@1"), Of(1, "1:B@1", "1:B@1"), Of(2, "", "1:A@1"), Of(3, "", "1:B@1")));
    }

    /// <summary>Up to h* + L is chosen for; what one liar claims beyond is shown to be nothing, or waited for.</summary>
    [Fact]
    public void Nothing_is_chosen_beyond_the_window()
    {
        Assert.Equal(
            Chosen([.. Enumerable.Repeat("null", Window - 1), "A"]), Decide(4, Of(0, "8:A@0", "8:A@0"), Of(1, "", "8:A@0"), Of(2)));
        Assert.Equal("base n0 choices []", Decide(4, Of(0, "9:A@0", "9:A@0"), Of(1), Of(2), Of(3)));
        Assert.Equal(Chosen("A"), Decide(4, Of(0, "1:A@0 9:B@0", "1:A@0 9:B@0"), Of(1, "", "1:A@0"), Of(2), Of(3)));
        Assert.Null(Decide(4, Of(0, "9:A@0", "9:A@0"), Of(1), Of(2)));
    }

    /// <summary>What did prepare beyond h* + L shows that a higher base is still to be learnt.</summary>
    [Fact]
    public void What_prepared_beyond_the_window_waits_for_its_base()
    {
        ViewChange[] set = [Of(0), Of(1), Of(2), Of(3, "12:A@0", "12:A@0", stable: 8)];

        Assert.Equal("base n0 choices []", Decide(4, set));
        Assert.Null(Decide(4, Of(0), Of(1, "12:A@0", "12:A@0", stable: 0), Of(2, "", "12:A@0"), Of(3, "12:A@0", "12:A@0")));
    }

    [Fact]
    public void Decisions_are_equal_when_base_and_choices_are()
    {
        ViewChangeDecision Of(long at, params string[] choices) => new(Held(at), [.. choices.Select(D)]);

        Assert.Equal(Of(4, "A", "B"), Of(4, "A", "B"));
        Assert.Equal(Of(4, "A", "B").GetHashCode(), Of(4, "A", "B").GetHashCode());
        Assert.NotEqual(Of(4, "A", "B"), Of(4, "A", "C"));
        Assert.NotEqual(Of(4, "A"), Of(4, "A", "B"));
        Assert.NotEqual(Of(4, "A"), Of(8, "A"));
        Assert.NotEqual(Of(4, "A"), new(new(new(4), D("other")), [D("A")]));
        Assert.Equal(new(6), Of(4, "A", "B").Last);
        Assert.Equal([D("A"), D("B")], [Of(4, "A", "B").ChoiceAt(new(5)), Of(4, "A", "B").ChoiceAt(new(6))]);
    }

    private static string Chosen(params string[] choices) => new ViewChangeDecision(Held(0), [.. choices.Select(D)]).ToString();

    private static string? Decide(int replicas, params ViewChange[] set) => Decide(new ClusterSize(replicas), set);

    /// <summary>Decides in several orders, which must not matter.</summary>
    private static string? Decide(ClusterSize cluster, ViewChange[] set)
    {
        var decision = ViewChangeDecision.Decide(cluster, Window, set);
        for (var i = 1; i < set.Length; i++)
        {
            ViewChange[] turned = [.. set[i..], .. set[..i]];
            Assert.Equal(decision, ViewChangeDecision.Decide(cluster, Window, turned));
            Assert.Equal(decision, ViewChangeDecision.Decide(cluster, Window, [.. turned.Reverse()]));
        }

        return decision?.ToString();
    }
}
