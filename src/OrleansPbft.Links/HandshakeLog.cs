using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace OrleansPbft.Links;

/// <summary>Says when a connection ends before anything was asked over it: with a peer that refuses this silo's certificate, nothing else on this side would.</summary>
/// <remarks>In TLS 1.3 the handshake may be over on this side before the other has judged the certificate, so that a failed handshake alone tells too little.
/// A line now and then, however many such connections there are: anybody can make them.</remarks>
internal sealed class HandshakeLog(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly object Asked = new();

    private readonly Lock _gate = new();
    private long? _saidAt; // gate
    private long _unsaid; // gate

    /// <summary>Goes around the handshake and all that follows.</summary>
    public ConnectionDelegate Around(ConnectionDelegate next) => async connection =>
    {
        await next(connection);
        if (!connection.Items.ContainsKey(Asked)) OnUnasked(connection);
    };

    private void OnUnasked(ConnectionContext connection)
    {
        long unsaid;
        lock (_gate)
        {
            if (_saidAt is { } at && time.GetElapsedTime(at) < Interval)
            {
                _unsaid++;
                return;
            }

            (_saidAt, unsaid, _unsaid) = (time.GetTimestamp(), _unsaid, 0);
        }

        log.NothingAsked(connection.RemoteEndPoint, unsaid);
    }

    /// <summary>Notes of each connection that something was asked over it.</summary>
    internal sealed class Filter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(static (context, next) =>
            {
                if (context.Features.Get<IConnectionItemsFeature>() is { } connection) connection.Items[Asked] = null;
                return next(context);
            });
            next(app);
        };
    }
}
