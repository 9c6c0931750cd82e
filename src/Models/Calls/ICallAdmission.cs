namespace GenAI.Chats.Models.Calls;

/// <summary>Says when a <see cref="CallGate"/> lets calls through. The gate asks and tells it one thing at a time.</summary>
internal interface ICallAdmission
{
    /// <summary>How long the next call has to wait: zero, not at all; infinite, until another leaves.</summary>
    /// <param name="running">How many calls are inside.</param>
    TimeSpan WaitFor(int running);

    /// <summary>A call has been let through.</summary>
    void Entered();

    /// <summary>A call that was let through is being answered.</summary>
    /// <param name="answered">How many calls inside are, this one included.</param>
    void Accepted(int answered);

    /// <summary>A call that was let through has been refused, as there were too many.</summary>
    /// <param name="delay">For how long, if that was said.</param>
    /// <param name="running">How many other calls are inside.</param>
    /// <param name="isNew">Whether the call was let through after the last refusal: those that were under way together are refused together.</param>
    /// <param name="isFirst">Whether the call was made for the first time. One that comes again and again is no news.</param>
    /// <returns>Whether calls are held back from now on that were not before.</returns>
    bool Refused(TimeSpan? delay, int running, bool isNew, bool isFirst);
}
