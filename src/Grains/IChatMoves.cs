namespace GenAI.Chats.Grains;

/// <summary>Chooses the silo that a chat moves to while this silo stops.</summary>
public interface IChatMoves
{
    /// <summary>Returns another silo of the cluster. Null if there is none, or the chat has just come back from one.</summary>
    SiloAddress? Choose(ChatKey chat);
}
