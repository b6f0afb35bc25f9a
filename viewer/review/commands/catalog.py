"""All commands, by their part of the product."""

from typing import Final

from viewer.review.commands.base import Batch, Command
from viewer.review.commands.bookmarks import (
    AddBookmark,
    MoveBookmark,
    RemoveBookmark,
    RenameBookmark,
)
from viewer.review.commands.class_map import ChangeClassEntry, ChangeThreshold
from viewer.review.commands.comments import AddComment, DeleteComment, EditComment
from viewer.review.commands.datasets import AddDataset, RecordDelivery, RelinkDataset
from viewer.review.commands.edits import (
    ChangeAttribute,
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    FlipHeading,
    RestoreLabel,
)
from viewer.review.commands.findings import DismissFinding, RestoreFinding
from viewer.review.commands.issues import (
    AddElement,
    ChangeElement,
    ChangeIssue,
    OpenIssue,
    RemoveElement,
    ShowIssueAs,
)
from viewer.review.commands.marks import ChangeMark, MarkMissing, RemoveMark
from viewer.review.commands.merge import ResolveConflict
from viewer.review.commands.queues import (
    AssignBatch,
    ChangeQueue,
    CreateQueue,
    ExtendQueue,
    FinishItem,
    ReopenItem,
    ShareQueue,
)
from viewer.review.commands.redelivery import AcceptCarry, Reanchor
from viewer.review.commands.reviewers import Introduce
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.slices import (
    AddToSlice,
    CombineSlices,
    CreateSlice,
    DeleteSlice,
    RemoveFromSlice,
    RenameSlice,
    SampleSlice,
)
from viewer.review.commands.splits import DeleteSplit, SaveSplit
from viewer.review.commands.tags import AddTag, RemoveTag, RenameTag
from viewer.review.commands.tasks import ChangeTask, ClearItemStatus, CreateTask, SetItemStatus
from viewer.review.commands.tracks import ChangeTrackId, MergeTracks, SplitTrack
from viewer.review.commands.verdicts import ClearVerdict, DefineReasons, SetVerdict
from viewer.review.commands.versions import (
    DeleteVersion,
    ForkVersion,
    RenameVersion,
    RestoreVersion,
    SaveVersion,
)

COMMANDS: Final[tuple[type[Command], ...]] = (
    Batch,
    Introduce,
    AddDataset,
    RelinkDataset,
    RecordDelivery,
    ChangeSetting,
    SetVerdict,
    ClearVerdict,
    DefineReasons,
    CreateQueue,
    ExtendQueue,
    ChangeQueue,
    AssignBatch,
    ShareQueue,
    FinishItem,
    ReopenItem,
    CreateTask,
    ChangeTask,
    SetItemStatus,
    ClearItemStatus,
    OpenIssue,
    ChangeIssue,
    ShowIssueAs,
    AddElement,
    ChangeElement,
    RemoveElement,
    AddComment,
    EditComment,
    DeleteComment,
    AddBookmark,
    RenameBookmark,
    MoveBookmark,
    RemoveBookmark,
    CreateSlice,
    CombineSlices,
    SampleSlice,
    RenameSlice,
    AddToSlice,
    RemoveFromSlice,
    DeleteSlice,
    AddTag,
    RemoveTag,
    RenameTag,
    SaveVersion,
    ForkVersion,
    RenameVersion,
    DeleteVersion,
    RestoreVersion,
    SaveSplit,
    DeleteSplit,
    ChangeClass,
    ChangeAttribute,
    ChangeBox,
    FlipHeading,
    DeleteLabel,
    RestoreLabel,
    ChangeTrackId,
    MergeTracks,
    SplitTrack,
    MarkMissing,
    ChangeMark,
    RemoveMark,
    DismissFinding,
    RestoreFinding,
    AcceptCarry,
    Reanchor,
    ResolveConflict,
    ChangeClassEntry,
    ChangeThreshold,
)
