using OrleansPbft.Core;

namespace OrleansPbft.Services.Tests;

/// <summary>The counter, and the catalog that names the services.</summary>
public sealed class CounterTests
{
    private readonly ServiceUnderTest _service = new(new Counter());

    [Fact]
    public void Amounts_add_up()
    {
        Assert.Equal(5, Add(5));
        Assert.Equal(-1, Add(-6));
        Assert.Equal(-1, Add(0));
        Assert.True(Counter.TryRead(_service.Query(Counter.Add(0)), out var read));
        Assert.Equal(-1, read);
    }

    [Fact]
    public void What_does_not_fit_or_is_malformed_changes_nothing()
    {
        Add(long.MaxValue);
        var root = _service.Service.Root;

        Assert.Throws<OperationRejectedException>(() => _service.Apply(Counter.Add(1)));
        Assert.Throws<OperationRejectedException>(() => _service.Apply([1, 2, 3]));
        Assert.Throws<OperationRejectedException>(() => _service.Apply([]));
        Assert.Throws<OperationRejectedException>(() => _service.Query(Counter.Add(1)));

        Assert.Equal(root, _service.Service.Root);
        Assert.False(Counter.TryRead([1], out _));
    }

    [Fact]
    public void The_root_follows_the_number()
    {
        var zero = _service.Service.Root;
        Add(7);
        Assert.NotEqual(zero, _service.Service.Root);
        Add(-7);
        Assert.Equal(zero, _service.Service.Root);
    }

    [Fact]
    public void The_catalog_makes_a_new_service_by_name_and_lists_names_otherwise()
    {
        foreach (var name in ServiceCatalog.Names) Assert.NotSame(ServiceCatalog.Create(name), ServiceCatalog.Create(name));

        var problem = Assert.Throws<ArgumentException>(() => ServiceCatalog.Create("Ledgerr"));
        Assert.Contains("KeyValueStore, Counter", problem.Message, StringComparison.Ordinal);
    }

    private long Add(long amount)
    {
        Assert.True(Counter.TryRead(_service.Apply(Counter.Add(amount)), out var value));
        return value;
    }
}
