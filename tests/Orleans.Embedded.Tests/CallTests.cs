using Orleans.Concurrency;
using Orleans.Execution;

namespace Orleans.Embedded.Tests;

/// <summary>What a grain call carries there and back.</summary>
public sealed class CallTests
{
    [Fact]
    public async Task A_first_call_activates_the_grain_and_brings_back_its_result()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        Assert.Equal(5, await silo.Client.GetGrain<ICallee>(7).Add(2, 3));

        Assert.Equal(1, silo.Silo.ActivationCount);
    }

    [Fact]
    public async Task Every_shape_of_method_passes_its_arguments_and_its_result()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);
        var payload = new ReadOnlyMemory<byte>([1, 2, 3]);

        await callee.Nothing();
        await callee.NothingOfValue();
        Assert.Equal("a-1-True-2.5-3", await callee.Join("a", 1, true, 2.5, payload, TestContext.Current.CancellationToken));
        Assert.Equal(42L, await callee.Negate(-42));
        Assert.Equal([1, 2], await callee.Pair((1, 2)));
    }

    [Fact]
    public async Task Arguments_and_results_are_the_same_objects_on_both_sides()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var sent = new object();

        Assert.Same(sent, await silo.Client.GetGrain<ICallee>(7).Echo(sent));
    }

    [Fact]
    public async Task Methods_inherited_from_another_grain_interface_reach_the_grain()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        Assert.Equal("base", await silo.Client.GetGrain<IDerivedCallee>("x").OfBase());
        Assert.Equal("derived", await silo.Client.GetGrain<IDerivedCallee>("x").OfDerived());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_reaches_the_caller_as_it_was_thrown(bool afterAwait)
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);

        var thrown = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => callee.Throw("broken", afterAwait));

        Assert.Equal("broken", thrown.Message);
        Assert.Equal(3, await callee.Add(1, 2));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_for_the_caller_too()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => silo.Client.GetGrain<ICallee>(7).Cancel());
    }

    [Fact]
    public async Task A_grain_that_returns_null_instead_of_a_task_fails_its_caller()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Client.GetGrain<ICallee>(7).ReturnNull());
    }

    [Fact]
    public async Task A_one_way_call_is_complete_before_the_grain_has_done_it()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);

        var call = callee.PassLater("gate");

        Assert.True(call.IsCompletedSuccessfully);
        Assert.Empty(silo.Probe.Said());
        silo.Probe.Open("gate");
        Assert.Equal("passed gate", await silo.Probe.NextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_one_way_call_that_throws_is_logged_and_spares_its_caller(bool afterAwait)
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);

        await callee.ThrowLater("broken", afterAwait);

        var line = await silo.Log.NextAsync(eventId: 101);
        Assert.Equal("The one-way call ICallee.ThrowLater of callee/7 failed", line.Text);
        Assert.Equal("broken", Assert.IsType<InvalidTimeZoneException>(line.Exception).Message);
        Assert.Equal(3, await callee.Add(1, 2));
    }

    [Fact]
    public async Task A_caller_that_waits_longer_than_the_response_timeout_is_told_so()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);
        var running = callee.Pass("gate");
        Assert.Equal("waits", await silo.Probe.NextAsync());
        var queued = callee.Say("queued");

        silo.Time.Advance(TimeSpan.FromSeconds(31));

        await Assert.ThrowsAsync<TimeoutException>(() => running);
        await Assert.ThrowsAsync<TimeoutException>(() => queued);
        silo.Probe.Open("gate");
        await callee.Say("after");
        Assert.Equal(["passed gate", "after"], silo.Probe.Said());
    }

    [Fact]
    public async Task Grains_are_named_by_their_keys_and_two_names_are_two_grains()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var first = silo.Client.GetGrain<ICallee>(255);
        var second = silo.Client.GetGrain<ICallee>(-1);

        Assert.Equal((255, "callee/FF"), (await first.Key(), first.GetGrainId().ToString()));
        Assert.Equal((-1, "callee/FFFFFFFFFFFFFFFF"), (await second.Key(), second.GetGrainId().ToString()));
        Assert.Equal("x", silo.Client.GetGrain<IDerivedCallee>("x").GetPrimaryKeyString());
        Assert.NotEqual(first.GetGrainId(), second.GetGrainId());
        Assert.Equal(2, silo.Silo.ActivationCount);
    }

    [Fact]
    public async Task A_grain_gives_a_reference_to_itself()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);

        var self = await callee.Self();

        Assert.Equal((IAddressable)callee, self);
        Assert.Equal(7, await self.Key());
        Assert.Throws<InvalidCastException>(() => callee.AsReference<IDerivedCallee>());
    }

    [Fact]
    public async Task A_grain_class_gets_its_services_by_constructor()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        await silo.Client.GetGrain<ICallee>(7).Say("hello");

        Assert.Equal("hello", await silo.Probe.NextAsync());
    }

    [Fact]
    public async Task An_interface_that_several_classes_implement_needs_the_start_of_a_class_name()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        var error = Assert.Throws<ArgumentException>(() => silo.Client.GetGrain<IAmbiguous>(1));
        Assert.Contains(nameof(FirstAmbiguousGrain), error.Message, StringComparison.Ordinal);
        Assert.Equal("second", await silo.Client.GetGrain<IAmbiguous>(1, typeof(SecondAmbiguousGrain).FullName).Which());
    }

    [Fact]
    public async Task An_interface_that_no_class_implements_is_an_error_at_once()
    {
        await using var silo = await EmbeddedSilo.StartAsync();

        Assert.Throws<ArgumentException>(() => silo.Client.GetGrain<INobody>(1));
    }

    [Fact]
    public void All_that_is_wrong_with_a_grain_interface_is_said_at_once()
    {
        var problems = ProxyEmitter.ProblemsOf(typeof(IImpossible)).ToArray();

        Assert.Equal(5, problems.Length);
        foreach (var word in (string[])["properties", "generic", "must return", "one-way", "wait in a queue"])
        {
            Assert.Single(problems, problem => problem.Contains(word, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_one_way_call_costs_its_sender_one_small_object()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var callee = silo.Client.GetGrain<ICallee>(7);
        await callee.Nothing();
        var payload = new ReadOnlyMemory<byte>([1, 2, 3]);
        for (var i = 0; i < 100; i++) await callee.Take(payload);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) _ = callee.Take(payload);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;

        Assert.InRange(each, 1, 80);
    }

    internal interface ICallee : IGrainWithIntegerKey
    {
        Task Nothing();

        ValueTask NothingOfValue();

        Task<int> Add(int left, int right);

        ValueTask<long> Negate(long value);

        Task<string> Join(
            string text, int number, bool flag, double real, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

        Task<List<int>> Pair((int Left, int Right) pair);

        Task<object> Echo(object value);

        Task Throw(string message, bool afterAwait);

        Task Cancel();

        Task ReturnNull();

        Task Pass(string gate);

        Task Say(string what);

        Task<long> Key();

        Task<ICallee> Self();

        [OneWay]
        Task PassLater(string gate);

        [OneWay]
        Task ThrowLater(string message, bool afterAwait);

        [OneWay]
        Task Take(ReadOnlyMemory<byte> payload);
    }

    internal interface IBaseCallee : IGrainWithStringKey
    {
        Task<string> OfBase();
    }

    internal interface IDerivedCallee : IBaseCallee
    {
        Task<string> OfDerived();
    }

    internal interface IAmbiguous : IGrainWithIntegerKey
    {
        Task<string> Which();
    }

    internal interface INobody : IGrainWithIntegerKey;

    internal interface IImpossible : IGrainWithIntegerKey
    {
        Task Property { get; }

        Task Generic<T>();

        int Synchronous();

        [OneWay]
        Task<int> OneWayWithResult();

        Task Reference(ref int value);
    }

    internal sealed class CalleeGrain(Probe probe) : Grain, ICallee
    {
        public Task Nothing() => Task.CompletedTask;

        public ValueTask NothingOfValue() => ValueTask.CompletedTask;

        public Task<int> Add(int left, int right) => Task.FromResult(left + right);

        public async ValueTask<long> Negate(long value)
        {
            await Task.Yield();
            return -value;
        }

        public Task<string> Join(
            string text, int number, bool flag, double real, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
            Task.FromResult($"{text}-{number}-{flag}-{real}-{payload.Length}");

        public Task<List<int>> Pair((int Left, int Right) pair) => Task.FromResult<List<int>>([pair.Left, pair.Right]);

        public Task<object> Echo(object value) => Task.FromResult(value);

        public Task Throw(string message, bool afterAwait) => ThrowLater(message, afterAwait);

        public Task Cancel() => Task.FromCanceled(new CancellationToken(canceled: true));

        public Task ReturnNull() => null!;

        public Task Pass(string gate)
        {
            probe.Say("waits");
            return PassLater(gate);
        }

        public Task Say(string what)
        {
            probe.Say(what);
            return Task.CompletedTask;
        }

        public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());

        public Task<ICallee> Self() => Task.FromResult(this.AsReference<ICallee>());

        public async Task PassLater(string gate)
        {
            await probe.PassAsync(gate);
            probe.Say($"passed {gate}");
        }

        public Task ThrowLater(string message, bool afterAwait)
        {
            if (!afterAwait) throw new InvalidTimeZoneException(message);
            return ThrowAfterAwait(message);
        }

        public Task Take(ReadOnlyMemory<byte> payload) => Task.CompletedTask;

        private static async Task ThrowAfterAwait(string message)
        {
            await Task.Yield();
            throw new InvalidTimeZoneException(message);
        }
    }

    internal sealed class DerivedCalleeGrain : Grain, IDerivedCallee
    {
        public Task<string> OfBase() => Task.FromResult("base");

        public Task<string> OfDerived() => Task.FromResult("derived");
    }

    internal sealed class FirstAmbiguousGrain : Grain, IAmbiguous
    {
        public Task<string> Which() => Task.FromResult("first");
    }

    internal sealed class SecondAmbiguousGrain : Grain, IAmbiguous
    {
        public Task<string> Which() => Task.FromResult("second");
    }
}
