namespace Orleans;

/// <summary>Base of grain interfaces whose grains are named by a number.</summary>
public interface IGrainWithIntegerKey : IGrain;
