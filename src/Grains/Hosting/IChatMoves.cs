using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>Says where chats move to that this silo, while it stops, runs no turns for.</summary>
internal interface IChatMoves
{
    /// <summary>Another silo: any that the cluster has. Null: there is none, or the chat has just come back from one.</summary>
    SiloAddress? Choose(ChatKey chat);
}
