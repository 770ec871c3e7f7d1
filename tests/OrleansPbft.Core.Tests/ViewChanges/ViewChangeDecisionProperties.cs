using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>VC-4 as a whole: whatever f liars say and whichever members are heard, what committed is chosen; and the correct replicas are always enough to decide.</summary>
public sealed class ViewChangeDecisionProperties
{
    [Fact]
    public void What_committed_is_chosen_in_every_view_that_follows()
    {
        var (carried, bases, waits, shown) = (0, 0, 0, 0);
        PropertyCheck.Holds(Gen.Choose(0, int.MaxValue), seed =>
        {
            var history = new ViewHistory(seed).Run(views: 7);
            carried += history.Carried;
            bases += history.Bases;
            waits += history.Waits;
            shown += history.Shown;
        });

        if (!PropertyCheck.IsThorough()) return;
        Assert.True(carried > 0 && bases > 0 && waits > 0 && shown > 0, $"vacuous: {carried} carried, {bases} bases, {waits} waits, {shown} shown");
    }
}
