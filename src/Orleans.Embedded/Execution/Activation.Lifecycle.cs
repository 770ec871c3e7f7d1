using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <content>How an activation comes and goes.</content>
internal sealed partial class Activation
{
    private bool _deactivationStarted; // gate

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        bool wake;
        lock (_gate)
        {
            if (_reason is not null || _state == ActivationState.Invalid) return;

            _reason = deactivationReason;
            _deactivationToken = cancellationToken;

            // While it is activating it first finishes that.
            if (_state != ActivationState.Activating) _state = ActivationState.Deactivating;
            wake = MustWake();
        }

        if (wake) Wake();
    }

    private async Task ActivateAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
            await CreateGrainAsync(timeout.Token);
        }
        catch (Exception exception)
        {
            Silo.Logger.ActivationFailed(GrainId, exception);
            await ReleaseResourcesAsync();
            Retire(exception);
            return;
        }

        bool wake;
        lock (_gate)
        {
            _state = _reason is null ? ActivationState.Valid : ActivationState.Deactivating;
            _touched = true;
            wake = MustWake();
        }

        if (wake) Wake();
    }

    private async Task CreateGrainAsync(CancellationToken timeout)
    {
        var scope = Silo.Services.CreateAsyncScope();
        _scope = scope;
        _instance = Class.Construct(scope.ServiceProvider);
        try
        {
            await _instance.OnActivateAsync(timeout).WaitAsync(timeout);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"{GrainId} was not activated within {Silo.Collection.ActivationTimeout}.", exception);
        }
    }

    private async Task DeactivateAsync()
    {
        var reason = _reason ?? default; // set before the state that leads here, and never again
        if (_instance is { } instance)
        {
            DisposeTimers();
            try
            {
                using var timeout = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _deactivationToken);
                await instance.OnDeactivateAsync(reason, either.Token).WaitAsync(either.Token);
            }
            catch (Exception exception)
            {
                Silo.Logger.DeactivationFailed(GrainId, reason.ReasonCode, exception);
            }
        }

        await ReleaseResourcesAsync();
        Retire(failure: null);
    }

    /// <summary>Ends what the grain owns, so that a successor finds nothing of it held.</summary>
    private async Task ReleaseResourcesAsync()
    {
        DisposeTimers();
        try
        {
            switch (_instance)
            {
                case IAsyncDisposable disposable: await disposable.DisposeAsync(); break;
                case IDisposable disposable: disposable.Dispose(); break;
            }

            if (_scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            Silo.Logger.DisposalFailed(GrainId, exception);
        }
    }

    /// <summary>Leaves the catalog, and hands what waits to a successor, or to its callers as <paramref name="failure"/>.</summary>
    /// <remarks>The successor has the backlog before anybody can find it: the order of arrival outlives the activation.</remarks>
    private void Retire(Exception? failure)
    {
        List<(GrainRequest Request, Exception Reason)> rejected = [];
        lock (_gate)
        {
            _state = ActivationState.Invalid;
            var backlog = TakeBacklog();
            if (failure is null)
            {
                failure = Silo.TryReplace(this, backlog, rejected)
                    ? null
                    : new SiloUnavailableException($"The silo is stopping; {GrainId} has been deactivated.");
            }
            else
            {
                Silo.Remove(this);
            }

            if (failure is not null)
            {
                foreach (var request in backlog) rejected.Add((request, failure));
            }
        }

        foreach (var (request, reason) in rejected) request.Reject(Silo, GrainId, reason);
        _instance = null;
        _deactivated.TrySetResult();
    }

    private List<GrainRequest> TakeBacklog()
    {
        List<GrainRequest> backlog = [];
        while (true)
        {
            var next = _waiting.First;
            var interleaving = _interleaving.First;
            if (next is null && interleaving is null) return backlog;

            next = next is not null && (interleaving is null || next.Arrival < interleaving.Arrival)
                ? _waiting.Dequeue()!
                : _interleaving.Dequeue()!;
            if (next is ResponseRequest call) _unanswered.Remove(call);
            backlog.Add(next);
        }
    }

    private void DisposeTimers()
    {
        GrainTimer[] timers;
        lock (_gate)
        {
            timers = [.. _timers];
            _timers.Clear();
        }

        foreach (var timer in timers) timer.Dispose();
    }
}
