using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Execution;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of grain classes. Its code, with every continuation of its awaits, runs one turn at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Called by the runtime, on the turn that activates the grain.</summary>
    protected Grain()
    {
        GrainContext = TurnContext.Current!;
    }

    /// <summary>The activation this object is the grain of. Null only if the grain was constructed outside the runtime.</summary>
    [AllowNull]
    public IGrainContext GrainContext { get; private set; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => RequireContext().GrainReference;

    /// <summary>Gives references to other grains.</summary>
    protected IGrainFactory GrainFactory => ServiceProvider.GetRequiredService<IGrainFactory>();

    /// <summary>The services of this activation.</summary>
    protected internal IServiceProvider ServiceProvider => RequireContext().ActivationServices;

    /// <summary>The grain's identity as text, as "replica/3".</summary>
    public string IdentityString => RequireContext().GrainId.ToString();

    /// <inheritdoc/>
    [SuppressMessage("Naming", "CA1725:Parameter names should match base declaration", Justification = "Orleans' own names.")]
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    [SuppressMessage("Naming", "CA1725:Parameter names should match base declaration", Justification = "Orleans' own names.")]
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Deactivates this activation when the requests that run now are done.</summary>
    protected void DeactivateOnIdle() => ((IGrainBase)this).DeactivateOnIdle();

    private IGrainContext RequireContext() => GrainContext
        ?? throw new InvalidOperationException("The grain was constructed outside the runtime; get a reference from IGrainFactory.");
}
