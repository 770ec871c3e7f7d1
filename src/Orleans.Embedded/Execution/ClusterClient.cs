using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>Gives references to the grains of this process.</summary>
internal sealed class ClusterClient(Silo silo) : IClusterClient
{
    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey
    {
        var id = new GrainId(silo.Classes.Resolve(typeof(TGrainInterface), grainClassNamePrefix), primaryKey);
        return (TGrainInterface)(object)ProxyEmitter.ProxyOf(typeof(TGrainInterface))(silo, id);
    }

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        var id = new GrainId(silo.Classes.Resolve(typeof(TGrainInterface), grainClassNamePrefix), primaryKey);
        return (TGrainInterface)(object)ProxyEmitter.ProxyOf(typeof(TGrainInterface))(silo, id);
    }
}
