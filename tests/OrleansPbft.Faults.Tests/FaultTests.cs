using OrleansPbft.Core;

namespace OrleansPbft.Faults.Tests;

/// <summary>How faults are written and read.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("silent", FaultMode.Silent)]
    [InlineData("stuck", FaultMode.Stuck)]
    [InlineData("wrong", FaultMode.Wrong)]
    [InlineData("lie", FaultMode.Lie)]
    [InlineData("equivocate", FaultMode.Equivocate)]
    [InlineData("slow", FaultMode.Slow)]
    [InlineData("censor:00000000000000000000000000000abc", FaultMode.Censor)]
    [InlineData("forge", FaultMode.Forge)]
    [InlineData("replay", FaultMode.Replay)]
    [InlineData("corrupt", FaultMode.Corrupt)]
    [InlineData("drop:0.25", FaultMode.Drop)]
    [InlineData("crash", FaultMode.Crash)]
    public void Every_mode_is_read_as_it_is_written(string text, FaultMode mode)
    {
        Assert.True(Fault.TryParse(text, out var fault, out _));

        Assert.Equal(mode, fault.Mode);
        Assert.Equal(text, fault.ToString());
        Assert.Contains(Fault.Forms, form => form.Split(':')[0] == text.Split(':')[0]);
    }

    [Fact]
    public void There_is_a_form_for_every_mode_and_a_behaviour_for_every_form() =>
        Assert.Equal(Enum.GetValues<FaultMode>().Length - 1, Fault.Forms.Count);

    [Fact]
    public void A_mode_may_be_written_in_capitals_and_with_room_around_it()
    {
        Assert.True(Fault.TryParse("  Lie ", out var fault, out _));
        Assert.Equal(FaultMode.Lie, fault.Mode);
    }

    [Fact]
    public void What_a_mode_needs_to_know_is_kept()
    {
        Assert.True(Fault.TryParse("drop:1", out var drop, out _));
        Assert.True(Fault.TryParse("censor:000000000000000000000000000000ff", out var censor, out _));

        Assert.Equal(1, drop.Rate);
        Assert.Equal(new ClientId(255), censor.Client);
    }

    [Theory]
    [InlineData("lei", "Did you mean lie?")]
    [InlineData("equivicate", "Did you mean equivocate?")]
    [InlineData("stuk", "Did you mean stuck?")]
    [InlineData("liar", "The modes are silent, stuck, wrong, lie")]
    [InlineData("nonsense", "The modes are silent, stuck, wrong, lie, equivocate, slow, censor:<client>, forge, replay, corrupt, drop:<rate>, crash.")]
    [InlineData("", "The modes are")]
    [InlineData(null, "The modes are")]
    [InlineData("none", "The modes are")]
    [InlineData("drop", "a rate from 0 to 1")]
    [InlineData("drop:2", "a rate from 0 to 1")]
    [InlineData("drop:-1", "a rate from 0 to 1")]
    [InlineData("drop:NaN", "a rate from 0 to 1")]
    [InlineData("drop:1e400", "a rate from 0 to 1")]
    [InlineData("censor", "32 hexadecimal digits")]
    [InlineData("censor:42", "32 hexadecimal digits")]
    [InlineData("censor:zz000000000000000000000000000000", "32 hexadecimal digits")]
    [InlineData("lie:3", "lie stands alone")]
    public void What_is_no_fault_is_refused_with_advice(string? text, string advice)
    {
        Assert.False(Fault.TryParse(text, out var fault, out var problem));

        Assert.Null(fault);
        Assert.Contains(advice, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_resembles_no_mode_gets_no_suggestion()
    {
        Assert.False(Fault.TryParse(new string('x', 100_000), out _, out var problem));
        Assert.DoesNotContain("Did you mean", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mode_that_needs_more_does_not_stand_alone()
    {
        Assert.Throws<ArgumentException>(static () => Fault.Of(FaultMode.Drop));
        Assert.Throws<ArgumentException>(static () => Fault.Of(FaultMode.Censor));
        Assert.Throws<ArgumentException>(static () => Fault.Of(FaultMode.None));
        Assert.Throws<ArgumentOutOfRangeException>(static () => Fault.Drop(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(static () => Fault.Drop(double.NaN));
    }
}
