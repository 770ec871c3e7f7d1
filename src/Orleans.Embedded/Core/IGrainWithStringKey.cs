namespace Orleans;

/// <summary>Base of grain interfaces whose grains are named by a text.</summary>
public interface IGrainWithStringKey : IGrain;
