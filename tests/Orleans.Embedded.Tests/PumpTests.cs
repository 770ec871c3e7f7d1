using System.Threading.Channels;

namespace Orleans.Embedded.Tests;

/// <summary>Work that a grain does without being asked each time.</summary>
public sealed class PumpTests
{
    [Fact]
    public async Task A_loop_started_on_activation_pumps_a_channel_in_turns_of_its_own()
    {
        await using var silo = await EmbeddedSilo.StartAsync();
        var pump = silo.Client.GetGrain<IPump>(1);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 250; i++) await pump.Put(i);
        })));

        var tally = await pump.WhenPumped(1000);

        Assert.Equal(0, tally.Overlaps);
        Assert.Equal(2000, tally.Turns);
    }

    internal interface IPump : IGrainWithIntegerKey
    {
        Task Put(int value);

        Task<TurnTests.Tally> WhenPumped(int count);
    }

    internal sealed class PumpGrain : Grain, IPump
    {
        private readonly Channel<int> _channel = Channel.CreateUnbounded<int>();
        private readonly TaskCompletionSource _done = new();
        private int _inside;
        private int _overlaps;
        private int _turns;
        private int _pumped;
        private int _wanted = int.MaxValue;

        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            _ = PumpAsync();
            return Task.CompletedTask;
        }

        public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
        {
            _channel.Writer.Complete();
            return Task.CompletedTask;
        }

        public Task Put(int value)
        {
            CountTurn();
            _channel.Writer.TryWrite(value);
            return Task.CompletedTask;
        }

        public async Task<TurnTests.Tally> WhenPumped(int count)
        {
            _wanted = count;
            if (_pumped < count) await _done.Task;
            return new TurnTests.Tally(_turns, _overlaps, Interleaved: 0);
        }

        private async Task PumpAsync()
        {
            await foreach (var _ in _channel.Reader.ReadAllAsync())
            {
                CountTurn();
                if (++_pumped >= _wanted) _done.TrySetResult();
            }
        }

        private void CountTurn()
        {
            if (Interlocked.Increment(ref _inside) != 1) _overlaps++;
            var turns = _turns;
            Thread.SpinWait(20);
            _turns = turns + 1;
            Interlocked.Decrement(ref _inside);
        }
    }
}
