using OrleansPbft.Core;

namespace OrleansPbft.Grains;

/// <summary>A service that <c>Pbft:Service</c> can name.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Create">Makes one more instance in its initial state: each replica has its own.</param>
public sealed record StateMachineRegistration(string Name, Func<IServiceProvider, IStateMachine> Create);
